// SPDX-License-Identifier: Apache-2.0

package inspect_test

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/asynclocal/asynclocal/inspect"
	commonv1 "go.opentelemetry.io/proto/otlp/common/v1"
	tracev1 "go.opentelemetry.io/proto/otlp/trace/v1"
)

const internal = tracev1.Span_SPAN_KIND_INTERNAL

func hexSpan(name string) string { return hex.EncodeToString(sid(name)) }

type taskView struct {
	Tasks []struct {
		Kind  string `json:"kind"`
		Name  string `json:"name"`
		Depth int    `json:"depth"`
		Spans int    `json:"spans"`
		Logs  int    `json:"logs"`
		After bool   `json:"after_response"`

		Thread     int64   `json:"thread"`
		SpanID     string  `json:"span_id"`
		OffsetMS   float64 `json:"offset_ms"`
		DurationMS float64 `json:"duration_ms"`
		Failed     bool    `json:"failed"`
	} `json:"tasks"`
	Logs []struct {
		Body      string `json:"body"`
		Recorded  bool   `json:"recorded"`
		AfterSpan bool   `json:"after_span"`
		Elsewhere bool   `json:"other_goroutine"`
	} `json:"logs"`
}

func TestTheUnitsOfWorkAmongTheSpans(t *testing.T) {
	t.Parallel()
	insp := inspect.New(inspect.WithoutToken())
	defer insp.Close()
	sendSpans(t, insp, "shop",
		request("t", "api", "r", "POST", "/orders", 201, at(0, 40)),
		span("t", "sql", child("api"), kind(client), at(1, 5)),
		span("t", "charge", child("api"), kind(client), at(6, 20)),
		span("t", "refresh cache", child("api"), at(30, 90)),
		span("t", "query", child("refresh cache"), at(31, 80)),
		span("t", "audit", child("api"), at(35, 38), attrs(str("asynclocal.task.kind", "go"))))
	sendSpans(t, insp, "payments", span("t", "pay", child("charge"), kind(server), at(7, 21)))
	sendSpans(t, insp, "worker", span("t", "receipt", child("api"), kind(consumer), at(100, 120)))
	sendLogs(t, insp, "shop",
		line("t", "api", "in time", 9, 39), line("t", "api", "by a goroutine that goes on", 9, 55), line("t", "query", "cached", 9, 70))

	v := get[taskView](t, insp, "requests/r")
	// What is logged when its span is over, is by what goes on.
	v.wantTree(t, "request POST /orders 3/1", ".call pay 1/0", ".goroutine refresh cache 2/1", ".go audit 1/0",
		".goroutine by a goroutine that goes on 0/1", ".job receipt 1/0")
	if g := v.Tasks[2]; !g.After {
		t.Errorf("%+v", g)
	}
	if v.Logs[0].AfterSpan || !v.Logs[1].AfterSpan || v.Logs[2].AfterSpan {
		t.Errorf("lines %+v", v.Logs)
	}
}

// wantTree compares the tasks: one line each, with the numbers of spans and lines.
func (v *taskView) wantTree(t *testing.T, want ...string) {
	t.Helper()
	var got []string
	for _, k := range v.Tasks {
		got = append(got, fmt.Sprintf("%s%s %s %d/%d", strings.Repeat(".", k.Depth), k.Kind, k.Name, k.Spans, k.Logs))
	}
	if !slices.Equal(got, want) {
		t.Errorf("tasks\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func on(id int64, name string) []*commonv1.KeyValue {
	return []*commonv1.KeyValue{num("thread.id", id), str("thread.name", name)}
}

func TestGoroutinesByTheirNumber(t *testing.T) {
	t.Parallel()
	insp := inspect.New(inspect.WithoutToken())
	defer insp.Close()
	thread := func(id int64, name string) spanOption { return attrs(on(id, name)...) }
	serve, fetch := thread(1, "http.(*conn).serve"), thread(2, "errgroup.(*Group).Go.func1")
	sendSpans(t, insp, "shop",
		request("t", "api", "r", "GET", "/", 200, at(0, 100), serve),
		span("t", "late, but waited for by its own goroutine", child("api"), at(90, 110), serve),
		span("t", "one", child("api"), at(10, 20), fetch),
		span("t", "sql", child("one"), at(11, 15), fetch),
		span("t", "two", child("api"), at(30, 40), fetch),
		span("t", "from there", child("two"), at(31, 32), thread(3, "")),
		span("t", "bound", child("api"), at(50, 60), thread(4, "store.Go.func1"), attrs(str("asynclocal.task.kind", "go"))),
		span("t", "in it", child("bound"), at(51, 52), thread(4, "store.Go.func1")),
		span("t", "in it, by a ctx from outside", child("two"), at(52, 53), thread(4, "store.Go.func1")),
		span("t", "after it", child("api"), at(61, 62), thread(4, "pool.worker")))
	// The numbers of another process are others.
	sendSpans(t, insp, "elsewhere", span("t", "remote", child("two"), kind(internal), at(33, 34), thread(9, "main.main")))
	sendLogs(t, insp, "shop",
		line("t", "api", "by the handler", 9, 5, on(1, "http.(*conn).serve")...),
		line("t", "api", "by one that only logs", 9, 6, on(7, "audit.Record.func1")...),
		line("t", "api", "and again", 17, 120, on(7, "audit.Record.func1")...),
		line("t", "api", "before its first span", 9, 9, on(2, "errgroup.(*Group).Go.func1")...),
		line("t", "sql", "in its span", 9, 12, on(2, "errgroup.(*Group).Go.func1")...),
		line("t", "bound", "by bound work", 9, 55, on(4, "store.Go.func1")...),
		line("t", "api", "by bound work, of a ctx", 9, 56, on(4, "store.Go.func1")...),
		line("t", "api", "late, by the handler", 9, 150, on(1, "http.(*conn).serve")...))
	sendLogs(t, insp, "elsewhere", line("t", "api", "of another process", 9, 7, on(7, "main.main")...))

	v := get[taskView](t, insp, "requests/r")
	v.wantTree(t, "request GET / 2/3", ".goroutine audit.Record.func1 0/2", ".goroutine errgroup.(*Group).Go.func1 4/2",
		"..goroutine from there 1/0", ".go bound 3/2", ".goroutine pool.worker 1/0")
	audit := v.Tasks[1]
	if !audit.Failed || !audit.After || audit.Thread != 7 || audit.OffsetMS != 6 || audit.DurationMS != 114 || audit.SpanID != hexSpan("api") {
		t.Errorf("%+v", audit)
	}
	if g := v.Tasks[2]; g.OffsetMS != 9 || g.DurationMS != 31 || g.SpanID != hexSpan("one") {
		t.Errorf("%+v", g)
	}
	var elsewhere []string
	for _, l := range v.Logs {
		if l.AfterSpan != (l.Body == "and again") {
			t.Errorf("%s: after its span %v", l.Body, l.AfterSpan)
		}
		if l.Elsewhere {
			elsewhere = append(elsewhere, l.Body)
		}
	}
	if got := strings.Join(elsewhere, "; "); got != "by one that only logs; before its first span; by bound work, of a ctx; and again" {
		t.Errorf("lines of other goroutines: %s", got)
	}
}

func TestFlightRecorderLinesAreTold(t *testing.T) {
	t.Parallel()
	insp := inspect.New(inspect.WithoutToken())
	defer insp.Close()
	sendSpans(t, insp, "shop", request("t", "api", "r", "POST", "/orders", 500, at(0, 40)))
	sendLogs(t, insp, "shop", line("t", "api", "kept", 5, 3, truth("log_recorded")),
		line("t", "api", "kept, too", 5, 8, truth("log_recorded")), line("t", "api", "written at once", 9, 20))
	late := line("t", "api", "slow to arrive", 9, 21)
	late.ObservedTimeUnixNano = moment(2000)
	sendLogs(t, insp, "shop", late)
	var got []string
	for _, l := range get[taskView](t, insp, "requests/r").Logs {
		if l.Recorded {
			got = append(got, l.Body)
		}
	}
	if strings.Join(got, "; ") != "kept; kept, too" {
		t.Errorf("recorded: %q", got)
	}
}

func TestTheInspectorsOwnTracesAreLeftOut(t *testing.T) {
	t.Parallel()
	insp := inspect.New(inspect.WithoutToken())
	defer insp.Close()
	path := func(p string) spanOption { return attrs(str("url.path", p)) }
	sendLogs(t, insp, "shop", line("page", "page", "request completed", 9, 1, str("request_id", "page")))
	sendSpans(t, insp, "shop",
		span("page", "page", kind(server), path("/inspect/")),
		span("page", "render", child("page")),
		span("export", "export", kind(server), path("/inspect/v1/traces")),
		span("theirs", "theirs", kind(server), path("/inspectors/1")),
		span("script", "script"),
		span("script", "call", kind(server), child("script"), path("/inspect/api/requests")))
	sendLogs(t, insp, "shop", line("export", "export", "request completed", 9, 1))
	list := get[listing](t, insp, "requests")
	if len(list.Requests) != 2 || list.Held.Traces != 2 {
		t.Fatalf("%+v", list.Requests)
	}
	if v := get[view](t, insp, "requests/"+hexID("script")); len(v.Spans) != 1 {
		t.Errorf("%d spans", len(v.Spans))
	}
}

// Spans come from strangers: a chain as long as a request may be, goroutines that are each other's
// bound work, and circles.
func TestTheTreeOfSpansThatNobodyMeant(t *testing.T) {
	t.Parallel()
	insp := inspect.New(inspect.WithoutToken())
	defer insp.Close()
	const n = 15000
	on := func(id int64) spanOption { return attrs(num("thread.id", id)) }
	bound := attrs(str("asynclocal.task.kind", "go"))
	spans := []*tracev1.Span{request("t", "0", "r", "GET", "/", 200, on(1))}
	for i := 1; i < n; i++ {
		opts := []spanOption{child(fmt.Sprint(i - 1)), at(float64(i%7), 100), on(int64(i % 3))}
		if i%2 == 0 {
			opts = append(opts, bound)
		}
		spans = append(spans, span("t", fmt.Sprint(i), opts...))
	}
	spans = append(spans, span("t", "a", child("b"), on(1), bound), span("t", "b", child("a"), on(2)), span("t", "self", child("self"), on(2)))
	sendSpans(t, insp, "shop", spans...)
	v := get[taskView](t, insp, "requests/r")
	total := 0
	for _, k := range v.Tasks {
		total += k.Spans
	}
	if total < n || len(v.Tasks) < n/2 || v.Tasks[0].Kind != "request" {
		t.Errorf("%d spans in %d tasks", total, len(v.Tasks))
	}
}
