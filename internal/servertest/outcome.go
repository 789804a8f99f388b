// SPDX-License-Identifier: Apache-2.0

package servertest

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"go.opentelemetry.io/otel/codes"
)

// Outcome is a handler in its surroundings, and what every record says about it.
type Outcome struct {
	Name     string
	Needs    []Trait
	Outside  []Middleware // a Trait is the framework's own middleware
	Inside   []Middleware
	Before   bool                            // Outside and ours are before the router
	Register func(s Server, ours Middleware) // replaces the default registration
	Handler  Handler                         // for Path; nil: one that does nothing
	Answer   ErrorHandler                    // nil: the framework's
	Wrapped  bool                            // ours is around the error handler
	Method   string                          // "": GET
	Path     string                          // "": /x
	Body     string
	Route    string // "": Path; "none": no route
	HTTP1    bool   // impossible over HTTP/2

	Expect
	Without map[Trait]Expect // for a framework without the trait

	// Visit replaces sending a request, and returns the status the client got. The server signals
	// on entered that it has a request.
	Visit func(t *testing.T, s *httptest.Server, entered <-chan struct{}) int
}

// Expect is what the records say about an outcome.
type Expect struct {
	Client    int // what the client gets; 0: no answer
	Status    int // http.response.status_code; 0: absent
	ErrorType any // nil: absent
	Level     string
	Calls     int32 // of the error handler
	Unseen    bool  // ours does not learn of the error
	Gone      bool  // the client has gone
}

// Ends is a request that was answered with status, and whose outcome follows from that status,
// after a number of calls of the error handler.
func Ends(status int, calls int32) Expect {
	e := Expect{Client: status, Status: status, Level: "info", Calls: calls}
	switch {
	case status >= 500:
		e.Level, e.ErrorType = "error", strconv.Itoa(status)
	case status >= 400:
		e.Level = "warn"
	}
	return e
}

// Breaks is a request that failed and was answered with status, or not at all if that is 0.
func Breaks(status int, errorType string, calls int32) Expect {
	return Expect{Client: status, Status: status, Level: "error", ErrorType: errorType, Calls: calls}
}

// Plain is the error.type of [ErrPlain].
const Plain = "*errors.errorString"

// unseen returns e for an error that was not reported.
func unseen(e Expect) Expect {
	e.Unseen = true
	return e
}

// outcomes is one table, run against every framework over every protocol.
func outcomes(t *testing.T, f *Framework) {
	t.Parallel()
	for protocol, start := range Protocols {
		for _, tt := range slices.Concat(answered(f), failed(f), panicked(), surrounded(f), connected(f), f.Outcomes) {
			if tt.HTTP1 && protocol != "HTTP/1.1" {
				continue
			}
			t.Run(protocol+", "+tt.Name, func(t *testing.T) {
				t.Parallel()
				f.need(t, tt.Needs...)
				for _, trait := range slices.Sorted(maps.Keys(tt.Without)) {
					if f.lacks(trait) {
						tt.Expect = tt.Without[trait]
					}
				}
				tt.check(t, f, start)
			})
		}
	}
}

func (tt *Outcome) check(t *testing.T, f *Framework, start func(testing.TB, http.Handler) *httptest.Server) {
	tel := NewTelemetry()
	var calls atomic.Int32
	h := f.Server()
	if tt.Calls == 0 && tt.Answer == nil {
		h = f.bare()
	}
	h.OnError(tt.Wrapped, func(answer ErrorHandler) ErrorHandler {
		return func(c Context, err error) {
			calls.Add(1)
			if tt.Answer != nil {
				answer = tt.Answer
			}
			answer(c, err)
		}
	})
	tt.register(t, f, h, f.middleware(t, tel.options(With("WithBodySizes"), With("WithActiveRequests"))...))
	entered := make(chan struct{}, 1)
	s := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case entered <- struct{}{}:
		default: // the client tries again
		}
		h.ServeHTTP(w, r)
	}))
	if got := tt.request(t, s, entered); got != tt.Client {
		t.Errorf("the client got %d, want %d", got, tt.Client)
	}
	tt.compare(t, f, tel)
	// A request whose client has gone may end before it is answered.
	WaitFor(t, "call of the error handler", func() bool { return calls.Load() >= tt.Calls })
	if calls.Load() != tt.Calls {
		t.Errorf("the error handler ran %d times, want %d", calls.Load(), tt.Calls)
	}
}

func (tt *Outcome) register(t *testing.T, f *Framework, h Server, ours Middleware) {
	all := append(append(f.parts(t, tt.Outside), ours), f.parts(t, tt.Inside)...)
	switch {
	case tt.Register != nil:
		tt.Register(h, ours)
	case tt.Before:
		f.need(t, Pre)
		h.Pre(all...)
	default:
		h.Use(all...)
	}
	method := tt.Method
	if method == "" || method == http.MethodDelete {
		method = http.MethodGet
	}
	if tt.Handler == nil {
		tt.Handler = Fails(nil)
	}
	h.Handle(method, "/x", tt.Handler)
}

// request returns the status of the answer, or 0.
func (tt *Outcome) request(t *testing.T, s *httptest.Server, entered <-chan struct{}) int {
	t.Helper()
	if tt.Visit != nil {
		return tt.Visit(t, s, entered)
	}
	method, path := tt.Method, tt.Path
	if method == "" {
		method = http.MethodGet
	}
	if path == "" {
		path = "/x"
	}
	return Send(t, s, method, path, strings.NewReader(tt.Body), "Content-Type", "application/json").Status
}

func (tt *Outcome) compare(t *testing.T, f *Framework, tel *Telemetry) {
	t.Helper()
	span, onSpan := tel.Span(t)
	onMetric := tel.Measured(t)
	if p, took := tel.Points(t)[0], span.EndTime().Sub(span.StartTime()); p.Sum != took.Seconds() {
		t.Errorf("the metric has %v s; the span took %v", p.Sum, took)
	}
	want := map[string]any{"http.response.status_code": nil, "error.type": tt.ErrorType, "http.route": nil}
	if tt.Status != 0 {
		want["http.response.status_code"] = int64(tt.Status)
	}
	switch tt.Route {
	case "":
		want["http.route"] = "/x"
	case "none":
	default:
		want["http.route"] = f.route(tt.Route)
	}
	for key, value := range want {
		if onSpan[key] != value || onMetric[key] != value {
			t.Errorf("%s is %v on the span and %v on the metric, want %v", key, onSpan[key], onMetric[key], value)
		}
	}
	if n := tel.Active(t); n != 0 {
		t.Errorf("%d requests are active still", n)
	}
	if failed := span.Status().Code == codes.Error; failed != (tt.ErrorType != nil) {
		t.Errorf("the span's status is %v", span.Status())
	}
	tt.compareLine(t, tel.Completion(t, 1)[0], span.SpanContext().TraceID().String(), span.SpanContext().SpanID().String())
}

func (tt *Outcome) compareLine(t *testing.T, line Line, traceID, spanID string) {
	t.Helper()
	var status any
	if tt.Status != 0 {
		status = float64(tt.Status)
	}
	if line["level"] != tt.Level || line["status"] != status {
		t.Errorf("the completion line is %v, want level %s and status %v", line, tt.Level, status)
	}
	if line["trace_id"] != traceID || line["span_id"] != spanID || line["request_id"] == nil {
		t.Errorf("the completion line is not the span's, %s-%s: %v", traceID, spanID, line)
	}
	if line["client_gone"] == true != tt.Gone {
		t.Errorf("the completion line is %v, want client_gone %v", line, tt.Gone)
	}
	if (tt.Calls > 0 || tt.ErrorType != nil && tt.Client == 0) && !tt.Unseen && line["error"] == nil {
		t.Errorf("the completion line does not say the error: %v", line)
	}
}
