// SPDX-License-Identifier: Apache-2.0

package inspect_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/asynclocal/asynclocal/inspect"
	logsv1 "go.opentelemetry.io/proto/otlp/logs/v1"
	tracev1 "go.opentelemetry.io/proto/otlp/trace/v1"
	"go.uber.org/goleak"
	"google.golang.org/protobuf/proto"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// newRequest is a request as a process on this machine sends it.
func newRequest(method, target string, body []byte) *http.Request {
	r := httptest.NewRequest(method, target, bytes.NewReader(body))
	r.RemoteAddr, r.Host = "127.0.0.1:50000", "localhost:8080"
	return r
}

func do(h http.Handler, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func post(t testing.TB, h http.Handler, path string, m proto.Message) {
	t.Helper()
	body, err := proto.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	r := newRequest(http.MethodPost, "/inspect/v1/"+path, body)
	r.Header.Set("Content-Type", "application/x-protobuf")
	if w := do(h, r); w.Code != http.StatusOK || w.Body.Len() != 0 {
		t.Fatalf("POST %s: %d %q, want 200 and full success", path, w.Code, w.Body)
	}
}

func sendSpans(t testing.TB, h http.Handler, service string, spans ...*tracev1.Span) {
	t.Helper()
	post(t, h, "traces", traces(service, spans...))
}

func sendLogs(t testing.TB, h http.Handler, service string, lines ...*logsv1.LogRecord) {
	t.Helper()
	post(t, h, "logs", logs(service, lines...))
}

// get decodes the JSON answer at a path below /inspect/api/.
func get[T any](t testing.TB, h http.Handler, path string) T {
	t.Helper()
	w := do(h, newRequest(http.MethodGet, "/inspect/api/"+path, nil))
	if w.Code != http.StatusOK {
		t.Fatalf("GET %s: %d %s", path, w.Code, w.Body)
	}
	var v T
	if err := json.Unmarshal(w.Body.Bytes(), &v); err != nil {
		t.Fatalf("GET %s: %v in %s", path, err, w.Body)
	}
	return v
}

// The JSON API as a script reads it.
type (
	row struct {
		ID         string   `json:"id"`
		RequestID  string   `json:"request_id"`
		TraceID    string   `json:"trace_id"`
		Name       string   `json:"name"`
		Method     string   `json:"method"`
		Route      string   `json:"route"`
		Status     int      `json:"status"`
		Failed     bool     `json:"failed"`
		Pending    bool     `json:"pending"`
		Slow       bool     `json:"slow"`
		Start      string   `json:"start"`
		DurationMS float64  `json:"duration_ms"`
		TotalMS    float64  `json:"total_ms"`
		Spans      int      `json:"spans"`
		Logs       int      `json:"logs"`
		Errors     int      `json:"errors"`
		Jobs       int      `json:"jobs"`
		Services   []string `json:"services"`
		Dropped    int      `json:"dropped"`
		Repeated   []string `json:"repeated"`
	}
	listing struct {
		Requests []row `json:"requests"`
		More     bool  `json:"more"`
		Held     struct {
			Traces   int `json:"traces"`
			Bytes    int `json:"bytes"`
			MaxBytes int `json:"max_bytes"`
		} `json:"held"`
		Stats struct {
			Spans       uint64 `json:"spans"`
			Logs        uint64 `json:"logs"`
			IgnoredLogs uint64 `json:"ignored_logs"`
			Rejected    uint64 `json:"rejected_records"`
			Dropped     uint64 `json:"dropped_records"`
			Evicted     uint64 `json:"evicted_traces"`
		} `json:"stats"`
	}
	spanView struct {
		TraceID    string  `json:"trace_id"`
		SpanID     string  `json:"span_id"`
		ParentID   string  `json:"parent_id"`
		Via        string  `json:"via"`
		Depth      int     `json:"depth"`
		Name       string  `json:"name"`
		Kind       string  `json:"kind"`
		Service    string  `json:"service"`
		OffsetMS   float64 `json:"offset_ms"`
		DurationMS float64 `json:"duration_ms"`
		Failed     bool    `json:"failed"`
		After      bool    `json:"after_response"`
		Logs       int     `json:"logs"`
		Details    *struct {
			Status     string         `json:"status"`
			Attributes map[string]any `json:"attributes"`
			Resource   map[string]any `json:"resource"`
			Scope      string         `json:"scope"`
		} `json:"details"`
		Links []struct {
			TraceID string `json:"trace_id"`
			Here    bool   `json:"here"`
		} `json:"links"`
		Events []struct {
			Name       string         `json:"name"`
			OffsetMS   float64        `json:"offset_ms"`
			Attributes map[string]any `json:"attributes"`
		} `json:"events"`
	}
	logView struct {
		TraceID    string         `json:"trace_id"`
		SpanID     string         `json:"span_id"`
		OffsetMS   float64        `json:"offset_ms"`
		Severity   string         `json:"severity"`
		Level      int            `json:"level"`
		Service    string         `json:"service"`
		Body       string         `json:"body"`
		Recorded   bool           `json:"recorded"`
		Attributes map[string]any `json:"attributes"`
	}
	view struct {
		Request row `json:"request"`
		Errors  []struct {
			SpanID  string `json:"span_id"`
			Service string `json:"service"`
			Where   string `json:"where"`
			Type    string `json:"type"`
			Message string `json:"message"`
			Stack   string `json:"stack"`
		} `json:"errors"`
		Curl   string     `json:"curl"`
		Others []row      `json:"others"`
		Causes []string   `json:"causes"`
		Spans  []spanView `json:"spans"`
		Logs   []logView  `json:"logs"`
	}
)

func names(spans []spanView) string {
	var b strings.Builder
	for _, s := range spans {
		b.WriteString(strings.Repeat(".", s.Depth) + s.Name + "\n")
	}
	return b.String()
}

// sendOrder sends what one order leaves behind in three processes: the API, payments and a worker.
func sendOrder(t testing.TB, h http.Handler, trace, id string, status int64) {
	t.Helper()
	server, client, consumer := tracev1.Span_SPAN_KIND_SERVER, tracev1.Span_SPAN_KIND_CLIENT, tracev1.Span_SPAN_KIND_CONSUMER
	sendSpans(t, h, "worker", span(trace, trace+" job", kind(consumer), child(trace+" api"), at(100, 130), attrs(str("request.id", id))))
	sendSpans(t, h, "payments", span(trace, trace+" pay", kind(server), child(trace+" charge"), at(12, 30), attrs(str("request.id", id))))
	sendSpans(t, h, "shop",
		span(trace, trace+" sql", kind(client), child(trace+" api"), at(2, 8), attrs(str("request.id", id))),
		span(trace, trace+" charge", kind(client), child(trace+" api"), at(10, 32), attrs(str("request.id", id))),
		request(trace, trace+" api", id, "POST", "/orders", status, at(0, 40)))
	sendLogs(t, h, "shop",
		line(trace, trace+" api", "order received", logsv1.SeverityNumber_SEVERITY_NUMBER_INFO, 1, str("request_id", id)),
		line(trace, trace+" api", "request completed", logsv1.SeverityNumber_SEVERITY_NUMBER_INFO, 40, str("request_id", id)))
	sendLogs(t, h, "worker",
		line(trace, trace+" job", "receipt sent", logsv1.SeverityNumber_SEVERITY_NUMBER_INFO, 120, str("request_id", id)))
}

func TestAnOrderIsOneRequestOverThreeProcesses(t *testing.T) {
	t.Parallel()
	insp := inspect.New(inspect.WithoutToken())
	defer insp.Close()
	sendOrder(t, insp, "a", "req-a", 201)

	list := get[listing](t, insp, "requests")
	if len(list.Requests) != 1 {
		t.Fatalf("%d requests, want 1: %+v", len(list.Requests), list.Requests)
	}
	got := list.Requests[0]
	want := row{
		ID: "req-a", RequestID: "req-a", TraceID: hex.EncodeToString(tid("a")), Name: "POST /orders", Method: "POST", Route: "/orders",
		Status: 201, Start: epoch.Format(time.RFC3339Nano), DurationMS: 40, TotalMS: 130, Spans: 5, Logs: 3, Jobs: 1,
	}
	services := strings.Join(got.Services, " ")
	got.Services = nil
	if !equalJSON(got, want) || services != "shop payments worker" {
		t.Errorf("row\n got %+v\nwant %+v, services %q", got, want, services)
	}

	v := get[view](t, insp, "requests/req-a")
	if tree := names(v.Spans); tree != "POST /orders\n.a sql\n.a charge\n..a pay\n.a job\n" {
		t.Errorf("tree\n%s", tree)
	}
	if job := v.Spans[4]; !job.After || job.Kind != "consumer" || job.OffsetMS != 100 || job.DurationMS != 30 || job.Logs != 1 {
		t.Errorf("job %+v", job)
	}
	if a := v.Spans[0].Details.Attributes; a["http.route"] != "/orders" || a["http.response.status_code"] != 201.0 {
		t.Errorf("attributes %v", a)
	}
	var said []string
	for _, l := range v.Logs {
		said = append(said, l.Body)
	}
	if s := strings.Join(said, ", "); s != "order received, request completed, receipt sent" {
		t.Errorf("lines %s", s)
	}
	if v.Curl != `curl -g -i -X POST --url "http://localhost:8080/orders"` {
		t.Errorf("curl %q", v.Curl)
	}
	if byTrace := get[view](t, insp, "requests/"+hex.EncodeToString(tid("a"))); byTrace.Request.ID != "req-a" {
		t.Errorf("by trace id: %+v", byTrace.Request)
	}
}

func equalJSON(a, b any) bool {
	x, _ := json.Marshal(a)
	y, _ := json.Marshal(b)
	return bytes.Equal(x, y)
}
