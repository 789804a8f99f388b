// SPDX-License-Identifier: Apache-2.0

package inspect_test

import (
	"testing"

	"github.com/asynclocal/asynclocal/inspect"
	commonv1 "go.opentelemetry.io/proto/otlp/common/v1"
)

// completed is what a completion line says of a request, job that of a job.
func completed(route string, status int64, ms float64, more ...*commonv1.KeyValue) []*commonv1.KeyValue {
	return append(more, str("request_id", "r"), str("method", "POST"), str("route", route), num("status", status), double("duration_ms", ms))
}

func jobDone(name string, ms float64, more ...*commonv1.KeyValue) []*commonv1.KeyValue {
	return append(more, str("request_id", "r"), str("job", name), double("duration_ms", ms))
}

// Of a request that was not sampled there are lines, and they know their goroutines, their processes and
// their jobs.
func TestTheWorkOfAnUnsampledRequestIsToldByItsLines(t *testing.T) {
	t.Parallel()
	insp := inspect.New(inspect.WithoutToken())
	defer insp.Close()
	sendLogs(t, insp, "shop",
		line("t", "api", "order received", 9, 5, on(1, "http.(*conn).serve")...),
		line("t", "sql", "within a span that was not sent", 9, 6, on(1, "http.(*conn).serve")...),
		line("t", "api", "by a goroutine", 9, 8, on(7, "audit.Record.func1")...),
		line("t", "api", "and again, late", 17, 90, on(7, "audit.Record.func1")...),
		line("t", "api", "request completed", 9, 40, completed("/orders", 201, 40, on(1, "http.(*conn).serve")...)...))
	sendLogs(t, insp, "payments",
		line("t", "pay", "charged", 9, 12, on(3, "http.(*conn).serve")...),
		line("t", "pay", "request completed", 9, 20, completed("/charges", 503, 10, on(3, "http.(*conn).serve")...)...))
	sendLogs(t, insp, "worker",
		line("t", "receipt", "written", 9, 110),
		line("t", "receipt", "job completed", 9, 120, jobDone("send-receipt", 20)...))
	sendLogs(t, insp, "elsewhere", line("t", "x", "from a process that completes nothing", 9, 30))

	v := get[taskView](t, insp, "requests/r")
	v.wantTree(t, "request POST /orders 0/3", ".goroutine audit.Record.func1 0/2", ".call POST /charges 0/2",
		".call from a process that completes nothing 0/1", ".job send-receipt 0/2")
	root, audit, charge, job := v.Tasks[0], v.Tasks[1], v.Tasks[2], v.Tasks[4]
	if root.OffsetMS != 0 || root.DurationMS != 40 || root.Failed || root.After {
		t.Errorf("%+v", root)
	}
	if audit.OffsetMS != 8 || audit.DurationMS != 82 || !audit.Failed || !audit.After || audit.Thread != 7 {
		t.Errorf("%+v", audit)
	}
	if charge.OffsetMS != 10 || charge.DurationMS != 10 || !charge.Failed || job.OffsetMS != 100 || !job.After {
		t.Errorf("%+v\n%+v", charge, job)
	}
	for _, l := range v.Logs {
		if want := l.Body == "by a goroutine" || l.Body == "and again, late"; l.Elsewhere != want {
			t.Errorf("%+v", l)
		}
	}
}

func TestWhatIsKnownOfWorkBeforeAnythingHasCompleted(t *testing.T) {
	t.Parallel()
	insp := inspect.New(inspect.WithoutToken())
	defer insp.Close()
	sendLogs(t, insp, "shop",
		line("t", "api", "order received", 9, 5, append(on(1, "http.(*conn).serve"), str("request_id", "r"))...),
		line("t", "api", "audited", 9, 8, on(7, "audit.Record.func1")...))
	get := func() taskView { return get[taskView](t, insp, "requests/r") }
	v := get()
	v.wantTree(t, "request order received 0/1", ".goroutine audit.Record.func1 0/1")
	sendLogs(t, insp, "shop", line("t", "api", "request completed", 9, 40, completed("/orders", 201, 40, on(1, "http.(*conn).serve")...)...))
	v = get()
	v.wantTree(t, "request POST /orders 0/2", ".goroutine audit.Record.func1 0/1")
	// With a span it is no guess any more.
	sendSpans(t, insp, "shop", request("t", "api", "r", "POST", "/orders", 201, at(0, 40), attrs(on(1, "http.(*conn).serve")...)))
	v = get()
	v.wantTree(t, "request POST /orders 1/2", ".goroutine audit.Record.func1 0/1")
}

func TestAJobAloneIsItsOwnWork(t *testing.T) {
	t.Parallel()
	insp := inspect.New(inspect.WithoutToken())
	defer insp.Close()
	sendLogs(t, insp, "worker", line("t", "receipt", "job completed", 17, 120, jobDone("send-receipt", 20)...))
	v := get[taskView](t, insp, "requests/r")
	v.wantTree(t, "job send-receipt 0/1")
	if !v.Tasks[0].Failed {
		t.Errorf("%+v", v.Tasks[0])
	}
}
