// SPDX-License-Identifier: Apache-2.0

package inspect_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/asynclocal/asynclocal/inspect"
	commonv1 "go.opentelemetry.io/proto/otlp/common/v1"
	logsv1 "go.opentelemetry.io/proto/otlp/logs/v1"
	tracev1 "go.opentelemetry.io/proto/otlp/trace/v1"
)

const (
	server   = tracev1.Span_SPAN_KIND_SERVER
	client   = tracev1.Span_SPAN_KIND_CLIENT
	consumer = tracev1.Span_SPAN_KIND_CONSUMER
)

func TestTrees(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		spans []*tracev1.Span
		want  string
	}{
		"siblings are in order of their start": {
			[]*tracev1.Span{span("t", "b", child("r"), at(5, 6)), span("t", "r", at(0, 9)), span("t", "a", child("r"), at(1, 2))},
			"r\n.a\n.b\n",
		},
		"a parent that did not arrive makes a root": {
			[]*tracev1.Span{span("t", "r", at(0, 9)), span("t", "lost", child("gone"), at(1, 2)), span("t", "below", child("lost"), at(1, 2))},
			"r\nlost\n.below\n",
		},
		"a circle of parents is cut at its earliest span": {
			[]*tracev1.Span{span("t", "r", at(0, 9)), span("t", "x", child("y"), at(2, 3)), span("t", "y", child("x"), at(1, 4))},
			"r\ny\n.x\n",
		},
		"a span that is its own parent": {
			[]*tracev1.Span{span("t", "self", child("self"))},
			"self\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			insp := inspect.New(inspect.WithoutToken())
			defer insp.Close()
			sendSpans(t, insp, "shop", c.spans...)
			if got := names(get[view](t, insp, "requests/"+hexID("t")).Spans); got != c.want {
				t.Errorf("got\n%swant\n%s", got, c.want)
			}
		})
	}
}

func TestLinksAreFollowedToJobsInWhateverOrderTheyArrive(t *testing.T) {
	t.Parallel()
	parts := []func(*testing.T, *inspect.Inspector){
		func(t *testing.T, h *inspect.Inspector) {
			sendSpans(t, h, "shop", request("api", "api", "r", "POST", "/orders", 202, at(0, 10)), span("api", "enqueue", child("api"), at(4, 5)))
		},
		func(t *testing.T, h *inspect.Inspector) {
			sendSpans(t, h, "worker", span("job", "job", kind(consumer), linkTo("api", "enqueue"), at(50, 60)))
		},
		func(t *testing.T, h *inspect.Inspector) {
			sendSpans(t, h, "mailer", span("mail", "mail", kind(consumer), linkTo("job", "job"), at(80, 90)))
		},
	}
	for _, order := range [][]int{{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}} {
		t.Run(fmt.Sprint(order), func(t *testing.T) {
			t.Parallel()
			insp := inspect.New(inspect.WithoutToken())
			defer insp.Close()
			for _, i := range order {
				parts[i](t, insp)
			}
			list := get[listing](t, insp, "requests")
			if len(list.Requests) != 1 || list.Requests[0].Jobs != 2 || list.Requests[0].TotalMS != 90 {
				t.Fatalf("%+v, want one request with two jobs", list.Requests)
			}
			v := get[view](t, insp, "requests/r")
			if got := names(v.Spans); got != "POST /orders\n.enqueue\n..job\n...mail\n" {
				t.Errorf("tree\n%s", got)
			}
			if v.Spans[2].Via != "link" || !v.Spans[2].After || !v.Spans[2].Links[0].Here {
				t.Errorf("job %+v", v.Spans[2])
			}
			job := get[view](t, insp, "requests/"+hexID("job"))
			if got := names(job.Spans); got != "job\n.mail\n" || len(job.Causes) != 1 || job.Causes[0] != hexID("api") {
				t.Errorf("the job by itself\n%s caused by %v", got, job.Causes)
			}
		})
	}
}

func TestABatchJobBelongsToEachOfItsRequests(t *testing.T) {
	t.Parallel()
	insp := inspect.New(inspect.WithoutToken())
	defer insp.Close()
	for _, n := range []string{"a", "b"} {
		sendSpans(t, insp, "shop", request(n, n, "r"+n, "POST", "/orders", 202))
	}
	sendSpans(t, insp, "worker", span("batch", "batch", kind(consumer), linkTo("a", "a"), linkTo("b", "b"), at(20, 30)))
	list := get[listing](t, insp, "requests")
	if len(list.Requests) != 2 || list.Requests[0].Jobs != 1 || list.Requests[1].Jobs != 1 {
		t.Errorf("%+v", list.Requests)
	}
}

func TestTracesThatLinkInACircleStayVisible(t *testing.T) {
	t.Parallel()
	insp := inspect.New(inspect.WithoutToken())
	defer insp.Close()
	for i := range 3 {
		me, next := fmt.Sprint("c", i), fmt.Sprint("c", (i+1)%3)
		sendSpans(t, insp, "shop", span(me, me, linkTo(next, next)))
	}
	for i := range 3 {
		if v := get[view](t, insp, "requests/"+hexID(fmt.Sprint("c", i))); len(v.Spans) != 3 {
			t.Errorf("c%d: %d spans", i, len(v.Spans))
		}
	}
	if n := len(get[listing](t, insp, "requests").Requests); n == 0 {
		t.Error("none is listed")
	}
}

func TestRequestsThatShareATraceAreListedOneByOne(t *testing.T) {
	t.Parallel()
	insp := inspect.New(inspect.WithoutToken())
	defer insp.Close()
	sendSpans(t, insp, "cli", span("t", "script", at(0, 100)))
	for i, id := range []string{"one", "two"} {
		from := float64(10 + 40*i)
		sendSpans(t, insp, "shop",
			request("t", id, id, "GET", "/items", 200, child("script"), at(from, from+20)),
			span("t", id+" sql", child(id), at(from+1, from+2)))
		sendSpans(t, insp, "stock", request("t", id+" stock", "made up by stock "+id, "GET", "/stock", 200, child(id+" sql"), at(from+1, from+2)))
		sendLogs(t, insp, "shop", line("t", id, "hello from "+id, 9, from, str("request_id", id)))
	}
	list := get[listing](t, insp, "requests")
	if got := ids(list); got != "two one" || list.Requests[0].Spans != 3 || list.Requests[0].Logs != 1 {
		t.Fatalf("%s: %+v", got, list.Requests)
	}
	v := get[view](t, insp, "requests/one")
	if got := names(v.Spans); got != "GET /items\n.one sql\n..GET /stock\n" || len(v.Logs) != 1 || v.Logs[0].Body != "hello from one" {
		t.Errorf("one:\n%s%+v", got, v.Logs)
	}
	if all := get[view](t, insp, "requests/"+hexID("t")); len(all.Spans) != 7 || len(all.Logs) != 2 {
		t.Errorf("the trace has %d spans and %d lines", len(all.Spans), len(all.Logs))
	}
}

func TestOneIDForManyRequests(t *testing.T) {
	t.Parallel()
	insp := inspect.New(inspect.WithoutToken())
	defer insp.Close()
	for i := range 3 { // a client that always sends the same id
		n := fmt.Sprint("t", i)
		sendSpans(t, insp, "shop", request(n, n, "same", "GET", "/", 200, at(float64(i), float64(i)+1)))
	}
	list := get[listing](t, insp, "requests")
	if len(list.Requests) != 3 {
		t.Fatalf("%+v", list.Requests)
	}
	seen := map[string]bool{}
	for _, r := range list.Requests {
		v := get[view](t, insp, "requests/"+escape(r.ID))
		if v.Request.TraceID != r.TraceID || seen[r.ID] {
			t.Errorf("id %s leads to trace %s, want %s", r.ID, v.Request.TraceID, r.TraceID)
		}
		seen[r.ID] = true
	}
	v := get[view](t, insp, "requests/same")
	if v.Request.TraceID != hexID("t2") || len(v.Others) != 2 {
		t.Errorf("by the id itself: %+v, others %d", v.Request, len(v.Others))
	}
}

func TestAwkwardRequestIDs(t *testing.T) {
	t.Parallel()
	for _, id := range []string{"a/b", "..", ".", "a=b&c", "x?y#z", "50%", "+", "~", "a//b", "/", strings.Repeat("k", 128)} {
		insp := inspect.New(inspect.WithoutToken())
		sendSpans(t, insp, "shop", request("t", "s", id, "GET", "/", 200))
		row := get[listing](t, insp, "requests").Requests[0]
		if v := get[view](t, insp, "requests/"+escape(row.ID)); v.Request.RequestID != id || len(v.Spans) != 1 {
			t.Errorf("%q: %+v", id, v.Request)
		}
		insp.Close()
	}
}

func TestAFailureThatSaysNothingHasItsWarningsWords(t *testing.T) {
	t.Parallel()
	insp := inspect.New(inspect.WithoutToken())
	defer insp.Close()
	sendSpans(t, insp, "shop", request("t", "api", "r", "POST", "/orders", 402, at(0, 20)),
		span("t", "call", child("api"), kind(client), at(1, 10), failed(""), attrs(str("error.type", "402"))),
		span("t", "quiet", child("api"), kind(client), at(11, 12), failed("")))
	sendSpans(t, insp, "payments", span("t", "pay", child("call"), kind(server), at(2, 9)))
	sendLogs(t, insp, "payments", line("t", "pay", "asked", 9, 3), line("t", "pay", "over the limit", 13, 4), line("t", "pay", "completed", 13, 5))
	v := get[view](t, insp, "requests/r")
	var got []string
	for _, e := range v.Errors {
		got = append(got, e.Where+" "+e.Type+": "+e.Message)
	}
	if s := strings.Join(got, "; "); s != "call 402: over the limit; quiet : " {
		t.Errorf("%s", s)
	}
}

func TestTheCauseComesFirst(t *testing.T) {
	t.Parallel()
	insp := inspect.New(inspect.WithoutToken())
	defer insp.Close()
	exception := func(s *tracev1.Span) {
		s.Events = append(s.Events, &tracev1.Span_Event{Name: "exception", TimeUnixNano: moment(8), Attributes: []*commonv1.KeyValue{
			str("exception.type", "*sql.Error"), str("exception.message", "no such table"), str("exception.stacktrace", "main.go:1")}})
	}
	sendSpans(t, insp, "shop",
		request("t", "api", "r", "POST", "/orders", 500, at(0, 20), failed("it broke")),
		span("t", "reserve", child("api"), at(1, 10), failed("reserve failed")),
		span("t", "sql", child("reserve"), kind(client), at(2, 9), failed(""), exception),
		span("t", "fine", child("api"), at(3, 4)))
	sendLogs(t, insp, "shop",
		line("t", "sql", "told by its span", 17, 9),
		line("t", "fine", "an error of its own", 17, 5))
	v := get[view](t, insp, "requests/r")
	var got []string
	for _, e := range v.Errors {
		got = append(got, e.Where+": "+e.Message)
	}
	if s := strings.Join(got, "; "); s != "sql: no such table; reserve: reserve failed; POST /orders: it broke; ERROR: an error of its own" {
		t.Errorf("%s", s)
	}
	if e := v.Errors[0]; e.Type != "*sql.Error" || e.Stack != "main.go:1" {
		t.Errorf("%+v", e)
	}
	if !v.Request.Failed || v.Request.Errors != 5 {
		t.Errorf("%+v", v.Request)
	}
}

// What middleware.WithExceptionLogs emits in place of a span's event.
func TestAnExceptionMayBeALogRecord(t *testing.T) {
	t.Parallel()
	insp := inspect.New(inspect.WithoutToken())
	defer insp.Close()
	exception := func(span, message string) *logsv1.LogRecord {
		l := line("t", span, "", 17, 9, str("exception.type", "*sql.Error"), str("exception.message", message), str("exception.stacktrace", "main.go:1"))
		l.Body, l.EventName = nil, "http.server.request.exception"
		return l
	}
	sendSpans(t, insp, "shop",
		request("t", "api", "r", "POST", "/orders", 500, at(0, 20), failed("")),
		span("t", "fine", child("api"), at(3, 4)))
	sendLogs(t, insp, "shop", line("t", "api", "before it", 17, 5), exception("api", "no such table"), exception("fine", "no such row"))
	v := get[view](t, insp, "requests/r")
	var got []string
	for _, e := range v.Errors {
		got = append(got, e.Where+" "+e.Type+" "+e.Message+" "+e.Stack)
	}
	if s := strings.Join(got, "; "); s != "POST /orders *sql.Error no such table main.go:1; ERROR *sql.Error no such row main.go:1" {
		t.Errorf("%s", s)
	}
}

func TestTenThousandSpansInOneTrace(t *testing.T) {
	t.Parallel()
	for name, parent := range map[string]func(i int) string{
		"side by side": func(int) string { return "root" },
		"one below the other": func(i int) string {
			if i == 0 {
				return "root"
			}
			return fmt.Sprint("s", i-1)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			insp := inspect.New(inspect.WithoutToken())
			defer insp.Close()
			spans := []*tracev1.Span{request("t", "root", "r", "GET", "/", 200, at(0, 10000))}
			for i := range 9999 {
				spans = append(spans, span("t", fmt.Sprint("s", i), child(parent(i)), at(float64(i), float64(i)+1)))
			}
			sendSpans(t, insp, "shop", spans...)
			began := time.Now()
			v := get[view](t, insp, "requests/r?details=0")
			if took := time.Since(began); took > time.Minute { // about 30 ms; a quadratic step takes minutes, a busy machine does not
				t.Errorf("took %v", took)
			}
			if len(v.Spans) != 10000 || v.Spans[9999].Name != "s9998" {
				t.Errorf("%d spans, the last is %+v", len(v.Spans), v.Spans[len(v.Spans)-1])
			}
		})
	}
}

func TestTimesThatCannotBe(t *testing.T) {
	t.Parallel()
	insp := inspect.New(inspect.WithoutToken())
	defer insp.Close()
	odd := span("t", "odd", child("api"))
	odd.StartTimeUnixNano, odd.EndTimeUnixNano = ^uint64(0), 0
	sendSpans(t, insp, "shop", request("t", "api", "r", "GET", "/", 200), odd,
		span("t", "backwards", child("api"), at(5, 2)))
	for _, s := range get[view](t, insp, "requests/r").Spans {
		if s.DurationMS < 0 {
			t.Errorf("%s took %v ms", s.Name, s.DurationMS)
		}
	}
}

// A program's own background work may call services, and itself; it is known by what it is.
func TestBackgroundWorkIsKnownByItsRoot(t *testing.T) {
	t.Parallel()
	id := attrs(str("request.id", "r"))
	for name, c := range map[string]struct {
		spans []*tracev1.Span
		want  string
	}{
		"work that calls a service": {
			[]*tracev1.Span{span("t", "reconcile", at(0, 9), id), span("t", "call", child("reconcile"), kind(client), at(1, 5)),
				request("t", "s", "r", "PUT", "/payments/:id", 200, child("call"), at(2, 4))},
			"reconcile",
		},
		"work that enqueues a job": {
			[]*tracev1.Span{span("t", "reconcile", at(0, 9), id), span("j", "receipt", kind(consumer), linkTo("t", "reconcile"), at(20, 30), id)},
			"reconcile",
		},
		"a client whose spans are here, too": {
			[]*tracev1.Span{span("t", "GET", kind(client), at(0, 9), id), request("t", "s", "r", "GET", "/", 200, child("GET"), at(1, 5))},
			"GET /",
		},
		"a caller that has not arrived": {
			[]*tracev1.Span{span("t", "step", child("gone"), at(0, 9), id), request("t", "s", "r", "GET", "/", 200, child("step"), at(1, 5))},
			"GET /",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			insp := inspect.New(inspect.WithoutToken())
			defer insp.Close()
			sendSpans(t, insp, "shop", c.spans...)
			if all := get[listing](t, insp, "requests").Requests; len(all) != 1 || all[0].Name != c.want {
				t.Errorf("%+v, want %s alone", all, c.want)
			}
		})
	}
}
