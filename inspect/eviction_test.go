// SPDX-License-Identifier: Apache-2.0

package inspect_test

import (
	"encoding/hex"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/asynclocal/asynclocal/inspect"
	tracev1 "go.opentelemetry.io/proto/otlp/trace/v1"
)

func ids(list listing) string {
	var out []string
	for _, r := range list.Requests {
		out = append(out, r.ID)
	}
	return strings.Join(out, " ")
}

// n sends a request numbered i; they start one millisecond apart.
func sendNumbered(t testing.TB, insp *inspect.Inspector, i int, opts ...spanOption) {
	t.Helper()
	name := fmt.Sprint(i)
	opts = append([]spanOption{at(float64(i), float64(i)+0.5)}, opts...)
	sendSpans(t, insp, "shop", request(name, name+" s", "r"+name, "GET", "/items/:id", 200, opts...))
}

func TestTheStoreStaysUnderItsBytesAndEvictsTheOldestRequestWhole(t *testing.T) {
	t.Parallel()
	const bound = 1 << 20
	insp := inspect.New(inspect.WithoutToken(), inspect.WithMaxBytes(bound))
	defer insp.Close()
	filler := attrs(str("filler", strings.Repeat("x", 1000)))
	const sent = 2000
	for i := range sent {
		name := fmt.Sprint(i)
		sendNumbered(t, insp, i, filler)
		sendSpans(t, insp, "worker", span("job "+name, name+" job", kind(tracev1.Span_SPAN_KIND_CONSUMER), at(float64(i), float64(i)+3), linkTo(name, name+" s"), filler))
		if held := get[listing](t, insp, "requests?limit=1").Held; held.Bytes > bound {
			t.Fatalf("%d bytes after %d requests, the bound is %d", held.Bytes, i+1, bound)
		}
	}
	list := get[listing](t, insp, "requests?limit=1000")
	if list.Held.Bytes < bound*2/5 || len(list.Requests) < 50 {
		t.Fatalf("only %d bytes in %d requests are held", list.Held.Bytes, len(list.Requests))
	}
	for i, r := range list.Requests {
		if want := fmt.Sprintf("r%d", sent-1-i); r.ID != want || r.Spans != 2 || r.Jobs != 1 {
			t.Fatalf("row %d is %+v, want %s, whole: the newest are kept without a gap", i, r, want)
		}
	}
	if n := list.Held.Traces; n != 2*len(list.Requests) {
		t.Errorf("%d traces for %d requests with a job each: parts were left over", n, len(list.Requests))
	}
	if int(list.Stats.Evicted)+list.Held.Traces != 2*sent {
		t.Errorf("%d evicted + %d held, want %d", list.Stats.Evicted, list.Held.Traces, 2*sent)
	}
}

func TestActivityKeepsARequest(t *testing.T) {
	t.Parallel()
	insp := inspect.New(inspect.WithoutToken(), inspect.WithMaxBytes(1<<20))
	defer insp.Close()
	sendNumbered(t, insp, 0)
	for i := 1; i < 1000; i++ {
		sendNumbered(t, insp, i)
		if i%50 == 0 { // the long job of request 0 goes on
			sendSpans(t, insp, "worker", span("0", fmt.Sprintf("step %d", i), child("0 s"), at(float64(i), float64(i))))
		}
	}
	if v := get[view](t, insp, "requests/r0"); v.Request.Spans != 20 {
		t.Errorf("%+v, want all 20 spans", v.Request)
	}
	if w := do(insp, newRequest("GET", "/inspect/api/requests/r1", nil)); w.Code != 404 {
		t.Errorf("request 1 is still held: %d", w.Code)
	}
}

func TestOneRequestCannotTakeEverything(t *testing.T) {
	t.Parallel()
	insp := inspect.New(inspect.WithoutToken(), inspect.WithMaxBytes(1<<20))
	defer insp.Close()
	sendNumbered(t, insp, 1)
	for i := range 1000 {
		sendSpans(t, insp, "shop", span("big", fmt.Sprint("big ", i), attrs(str("filler", strings.Repeat("x", 2000)))))
	}
	list := get[listing](t, insp, "requests")
	if len(list.Requests) != 2 || list.Held.Bytes > 1<<19 {
		t.Fatalf("%+v", list)
	}
	big := get[view](t, insp, "requests/"+hexID("big")).Request
	if big.Dropped == 0 || big.Spans+big.Dropped != 1000 || uint64(big.Dropped) != list.Stats.Dropped {
		t.Errorf("%d spans and %d dropped, want 1000 in all: %+v", big.Spans, big.Dropped, list.Stats)
	}
}

func hexID(trace string) string { return hex.EncodeToString(tid(trace)) }

func TestSilentRequestsExpireWithoutAnyoneAsking(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		insp := inspect.New(inspect.WithoutToken(), inspect.WithMaxAge(time.Minute))
		defer insp.Close()
		sendNumbered(t, insp, 1)
		time.Sleep(40 * time.Second)
		sendNumbered(t, insp, 2)
		if got := ids(get[listing](t, insp, "requests")); got != "r2 r1" {
			t.Errorf("after 40 s: %q", got)
		}
		time.Sleep(30 * time.Second)
		synctest.Wait()
		if got := get[listing](t, insp, "requests"); ids(got) != "r2" || got.Stats.Evicted != 1 {
			t.Errorf("after 70 s: %+v", got)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if got := get[listing](t, insp, "requests").Held; got.Traces != 0 || got.Bytes != 0 {
			t.Errorf("after 130 s: %+v", got)
		}
	})
}

// The bound is on memory, so what the store counts is compared with the heap, for requests of several
// shapes and with every row computed.
func TestTheCountedBytesCoverTheHeap(t *testing.T) {
	if testing.Short() {
		t.Skip("fills 16 MiB a few times")
	}
	for name, send := range map[string]func(insp *inspect.Inspector, i int){
		"orders over three services": func(insp *inspect.Inspector, i int) {
			sendOrder(t, insp, fmt.Sprint("t", i), fmt.Sprint("req-", i), 201)
		},
		"single spans": func(insp *inspect.Inspector, i int) { sendNumbered(t, insp, i) },
		"single lines": func(insp *inspect.Inspector, i int) {
			sendLogs(t, insp, "shop", line(fmt.Sprint("t", i), "s", "hello", 9, 1, str("request_id", fmt.Sprint("req-", i))))
		},
		"large values": func(insp *inspect.Inspector, i int) {
			sendNumbered(t, insp, i, attrs(str("filler", strings.Repeat("x", 10000))))
		},
		"many spans": func(insp *inspect.Inspector, i int) {
			var spans []*tracev1.Span
			for j := range 200 {
				spans = append(spans, span(fmt.Sprint("t", i), fmt.Sprint("s", j), child("s0"), attrs(str("request.id", fmt.Sprint("req-", i)))))
			}
			sendSpans(t, insp, "shop", spans...)
		},
		"jobs by links": func(insp *inspect.Inspector, i int) {
			sendNumbered(t, insp, i)
			job := fmt.Sprint("job ", i)
			sendSpans(t, insp, "worker", span(job, job, linkTo(fmt.Sprint(i), fmt.Sprint(i, " s"))))
		},
	} {
		t.Run(name, func(t *testing.T) {
			const bound = 16 << 20
			insp := inspect.New(inspect.WithoutToken(), inspect.WithMaxBytes(bound))
			defer insp.Close()
			before := heap()
			held := 0
			for i := 0; held < bound*2/5 && i < 40000; i++ {
				send(insp, i)
				if i%100 == 99 {
					held = get[listing](t, insp, "requests?limit=1").Held.Bytes
				}
			}
			held = get[listing](t, insp, "requests?q=nowhere-to-be-found").Held.Bytes
			grown := int(heap()) - int(before)
			t.Logf("counted %d KiB, on the heap %d KiB", held>>10, grown>>10)
			if grown > held {
				t.Errorf("%d bytes on the heap, %d counted", grown, held)
			}
			runtime.KeepAlive(insp)
		})
	}
}

func heap() uint64 {
	var m runtime.MemStats
	for range 3 {
		runtime.GC()
	}
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func TestClosedMeansEmptyAndUnavailable(t *testing.T) {
	t.Parallel()
	insp := inspect.New(inspect.WithoutToken())
	sendNumbered(t, insp, 1)
	if err := insp.Close(); err != nil {
		t.Fatal(err)
	}
	if err := insp.Close(); err != nil {
		t.Fatal("a second Close:", err)
	}
	for _, path := range []string{"/inspect/", "/inspect/api/requests", "/inspect/v1/traces"} {
		if w := do(insp, newRequest("GET", path, nil)); w.Code != 503 {
			t.Errorf("%s: %d, want 503", path, w.Code)
		}
	}
}

func TestLinesWithoutATraceFindTheirRequest(t *testing.T) {
	t.Parallel()
	for name, linesFirst := range map[string]bool{"after its spans": false, "before its spans": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			insp := inspect.New(inspect.WithoutToken())
			defer insp.Close()
			lines := func() {
				sendLogs(t, insp, "shop", line("", "", "hello", 9, 2, str("request_id", "r1")), line("", "", "of nobody", 9, 3))
			}
			if linesFirst {
				lines()
				if got := get[view](t, insp, "requests/r1"); !got.Request.Pending || got.Request.Name != "hello" {
					t.Errorf("before its spans: %+v", got.Request)
				}
			}
			sendNumbered(t, insp, 1)
			if !linesFirst {
				lines()
			}
			list := get[listing](t, insp, "requests")
			if len(list.Requests) != 1 || list.Requests[0].Logs != 1 || list.Held.Traces != 1 || list.Stats.IgnoredLogs != 1 {
				t.Errorf("%+v", list)
			}
		})
	}
}

func TestTraceIDsInFieldsAreAsGoodAsOnTheRecord(t *testing.T) {
	t.Parallel()
	insp := inspect.New(inspect.WithoutToken())
	defer insp.Close()
	sendNumbered(t, insp, 1)
	sendLogs(t, insp, "shop", line("", "", "hello", 9, 2, str("trace_id", hexID("1")), str("span_id", hex.EncodeToString(sid("1 s")))))
	if v := get[view](t, insp, "requests/r1"); len(v.Logs) != 1 || v.Spans[0].Logs != 1 {
		t.Errorf("%+v", v)
	}
}
