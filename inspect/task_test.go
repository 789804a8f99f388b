// SPDX-License-Identifier: Apache-2.0

package inspect_test

import (
	"strings"
	"testing"

	"github.com/asynclocal/asynclocal/inspect"
	logsv1 "go.opentelemetry.io/proto/otlp/logs/v1"
)

type taskView struct {
	Tasks []struct {
		Kind  string `json:"kind"`
		Name  string `json:"name"`
		Depth int    `json:"depth"`
		Spans int    `json:"spans"`
		Logs  int    `json:"logs"`
		After bool   `json:"after_response"`
	} `json:"tasks"`
	Logs []struct {
		Body      string `json:"body"`
		Recorded  bool   `json:"recorded"`
		AfterSpan bool   `json:"after_span"`
	} `json:"logs"`
}

func TestTheUnitsOfWorkAmongTheSpans(t *testing.T) {
	t.Parallel()
	insp := inspect.New()
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
		line("t", "api", "in time", 9, 39), line("t", "api", "by a goroutine that goes on", 9, 45), line("t", "query", "cached", 9, 70))

	v := get[taskView](t, insp, "requests/r")
	var got strings.Builder
	for _, k := range v.Tasks {
		got.WriteString(strings.Repeat(".", k.Depth) + k.Kind + " " + k.Name + "\n")
	}
	want := "request POST /orders\n.call pay\n.goroutine refresh cache\n.go audit\n.job receipt\n"
	if got.String() != want {
		t.Errorf("tasks\n%swant\n%s", &got, want)
	}
	if r, g := v.Tasks[0], v.Tasks[2]; r.Spans != 3 || r.Logs != 2 || g.Spans != 2 || g.Logs != 1 || !g.After {
		t.Errorf("%+v", v.Tasks)
	}
	if v.Logs[0].AfterSpan || !v.Logs[1].AfterSpan || v.Logs[2].AfterSpan {
		t.Errorf("lines %+v", v.Logs)
	}
}

// A flight recorder writes what it kept with the time it was logged at; the SDK observes it then only.
func TestFlightRecorderLinesAreTold(t *testing.T) {
	t.Parallel()
	for name, collector := range map[string]float64{"from the SDK": 0, "by way of a collector, a second later": 1000} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			insp := inspect.New()
			defer insp.Close()
			said := func(body string, logged, written float64) *logsv1.LogRecord {
				l := line("t", "api", body, 5, logged)
				l.ObservedTimeUnixNano = moment(written + collector)
				return l
			}
			sendSpans(t, insp, "shop", request("t", "api", "r", "POST", "/orders", 500, at(0, 40)))
			sendLogs(t, insp, "shop", said("kept", 3, 39), said("kept, too", 8, 39.01), said("written at once", 20, 20.02), said("completed", 39.5, 39.6))
			var got []string
			for _, l := range get[taskView](t, insp, "requests/r").Logs {
				if l.Recorded {
					got = append(got, l.Body)
				}
			}
			if strings.Join(got, "; ") != "kept; kept, too" {
				t.Errorf("recorded: %q", got)
			}
		})
	}
}

func TestTheInspectorsOwnTracesAreLeftOut(t *testing.T) {
	t.Parallel()
	insp := inspect.New()
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
