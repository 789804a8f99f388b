// SPDX-License-Identifier: Apache-2.0

//go:build unix

package inspect_test

import (
	"fmt"
	"net/http"
	"runtime"
	"runtime/debug"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/asynclocal/asynclocal/inspect"
	tracev1 "go.opentelemetry.io/proto/otlp/trace/v1"
)

// shapes are what strangers can make of a trace, span by span.
var shapes = map[string]func(i int) *tracev1.Span{
	"request ids of one trace": func(i int) *tracev1.Span {
		return request("t", fmt.Sprint(i), fmt.Sprint("id-", i), "GET", "/", 200)
	},
	"siblings": func(i int) *tracev1.Span { return span("t", fmt.Sprint(i), child(fmt.Sprint(min(i, 1)-1))) },
	"depth":    func(i int) *tracev1.Span { return span("t", fmt.Sprint(i), child(fmt.Sprint(i-1))) },
	"depth of it": func(i int) *tracev1.Span {
		return request("t", fmt.Sprint(1<<30-i), fmt.Sprint(i), "GET", "/", 200, child(fmt.Sprint(1<<30-i-1)))
	},
	"threads": func(i int) *tracev1.Span {
		return span("t", fmt.Sprint(i), child(fmt.Sprint(min(i, 1)-1)), attrs(num("thread.id", int64(i+1))))
	},
	"bound work": func(i int) *tracev1.Span {
		return span("t", fmt.Sprint(i), child(fmt.Sprint(i-1)), attrs(num("thread.id", int64(i%2+1)), str("asynclocal.task.kind", "go")))
	},
	"failures": func(i int) *tracev1.Span {
		return span("t", fmt.Sprint(i), child(fmt.Sprint(min(i, 1)-1)), failed("no"))
	},
	"links of one trace": func(i int) *tracev1.Span {
		s := span("t", fmt.Sprint(i))
		for l := range 16 {
			linkTo(fmt.Sprint("far", i*16+l), "x")(s)
		}
		return s
	},
	"links of many traces": func(i int) *tracev1.Span {
		s := span(fmt.Sprint("t", i), "s")
		for l := range 16 {
			linkTo(fmt.Sprint("t", (i*31+l*7)%1000), "s")(s)
		}
		return s
	},
	"links to one trace": func(i int) *tracev1.Span { return span(fmt.Sprint("t", i), "s", linkTo("one", "s")) },
	"a chain of traces":  func(i int) *tracev1.Span { return span(fmt.Sprint("t", i), "s", linkTo(fmt.Sprint("t", i+1), "s")) },
}

// processor is the time that this process had a processor: others on the machine do not count.
func processor() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// What it costs to take n spans of a shape, to list them, to search in them and to look at one, for n
// and sixteen times as many. Linear is 16, quadratic 256. Memory that is new to the process makes a span
// five times as dear, and comes in steps: four times as many spans could not tell that from quadratic.
func TestCostGrowsNoFasterThanWhatStrangersSend(t *testing.T) {
	if testing.Short() {
		t.Skip("sends a few hundred thousand spans")
	}
	n := 750
	if race { // which makes all of it twenty times as slow
		n = 100
	}
	const factor, tolerated = 16, 100
	t.Logf("%-26s %12s %12s %12s %12s  (at %d spans; times that at %d)", "", "export", "list", "search", "view", n, factor*n)
	for name, shape := range shapes {
		once, times := costs(t, shape, n), costs(t, shape, factor*n)
		line := fmt.Sprintf("%-26s", name)
		for i := range once {
			growth := float64(times[i]) / float64(once[i])
			line += fmt.Sprintf(" %7v ×%3.1f", once[i].Round(100*time.Microsecond), growth)
			// What is done in no time at all grows by what the machine does beside it.
			least := times[i]
			for range 3 {
				if float64(least) <= tolerated*float64(once[i]) || least < 200*time.Millisecond {
					break
				}
				least = min(least, costs(t, shape, factor*n)[i])
			}
			if float64(least) > tolerated*float64(once[i]) && least >= 200*time.Millisecond {
				t.Errorf("%s, %s: %v for %d spans, %v for %d", name, [...]string{"export", "list", "search", "view"}[i], once[i], n, least, factor*n)
			}
		}
		t.Log(line)
	}
}

func costs(t *testing.T, shape func(i int) *tracev1.Span, n int) (took [4]time.Duration) {
	t.Helper()
	insp := inspect.New(inspect.WithoutToken(), inspect.WithMaxBytes(256<<20))
	defer insp.Close()
	var spans []*tracev1.Span
	for i := range n {
		spans = append(spans, shape(i))
	}
	var bodies [][]byte // small ones: a large one costs its buffer, whatever is in it
	for some := range slices.Chunk(spans, 1000) {
		bodies = append(bodies, encode(t, traces("shop", some...)))
	}
	// A collection that falls into one lap and not into the other is more than either.
	runtime.GC()
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	began := processor()
	lap := func(i int) {
		took[i] = max(processor()-began, time.Microsecond)
		began = processor()
	}
	for _, body := range bodies {
		r := newRequest(http.MethodPost, "/inspect/v1/traces", body)
		r.Header.Set("Content-Type", "application/x-protobuf")
		if w := do(insp, r); w.Code != http.StatusOK {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
	}
	lap(0)
	list := get[listing](t, insp, "requests?limit=1000")
	lap(1)
	if len(list.Requests) == 0 {
		t.Fatal("nothing is listed")
	}
	get[listing](t, insp, "requests?limit=1000&q=not-to-be-found")
	lap(2)
	do(insp, newRequest(http.MethodGet, "/inspect/api/requests/"+escape(list.Requests[0].TraceID), nil))
	lap(3)
	return took
}
