// SPDX-License-Identifier: Apache-2.0

package adapter_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/asynclocal/asynclocal/internal/servertest"
	"github.com/asynclocal/asynclocal/middleware/adapter"
)

var errBroken = errors.New("broken")

// plain is a framework of the plainest kind: its handler is given everything.
type plain func(x *adapter.Exchange, w http.ResponseWriter, r *http.Request)

// serve has f handle one request, and then outside what is left of it.
func (f plain) serve(tel *telemetry, r *http.Request, in adapter.Inbound, outside func(*adapter.Exchange), opts ...adapter.Option) *httptest.ResponseRecorder {
	a := adapter.New(adapter.Scope{Name: "test", Version: "1"}, nil, append(tel.opts, opts...)...)
	x, w := new(adapter.Exchange), httptest.NewRecorder()
	if outside != nil {
		defer outside(x)
	}
	x.Run(a, w, r, in, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { f(x, w, r) }))
	return w
}

func awaits(err error) plain {
	return func(x *adapter.Exchange, _ http.ResponseWriter, r *http.Request) { x.Await(r, x.Returned(err)) }
}

func awaitsRecovery(x *adapter.Exchange, _ http.ResponseWriter, r *http.Request) {
	defer func() { x.Await(r, x.Panicked(recover())) }()
	panic("boom")
}

// An answer that is waited for ends the exchange as soon as it can be known to be all;
// how long the exchange took does not depend on that.
func TestAnAnswerIsAwaited(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		handler plain
		method  string
		answer  func(*adapter.Exchange)
		ends    bool          // with the answer; else with the context
		took    time.Duration // in milliseconds
		status  any
		size    int64
	}{
		{"with a body", awaits(errBroken), http.MethodGet, answer(502, -1, 7), true, 5, int64(502), 7},
		{"with an empty write", awaits(errBroken), http.MethodGet, answer(502, 0), true, 5, int64(502), 0},
		{"without a body", awaits(errBroken), http.MethodGet, answer(502, -1), false, 5, int64(502), 0},
		{"with a status that has none", awaits(errBroken), http.MethodGet, answer(204, -1), true, 5, int64(204), 0},
		{"to HEAD", awaits(errBroken), http.MethodHead, answer(502, -1), true, 5, int64(502), 0},
		{"to HEAD, as to GET", awaits(errBroken), http.MethodHead, answer(502, 7), true, 5, int64(502), 0},
		{"that does not come", awaits(errBroken), http.MethodGet, nil, false, 10, int64(200), 0},
		{"to a panic", awaitsRecovery, http.MethodGet, answer(500, 7), true, 5, int64(500), 7},
		{"to a panic that does not come", awaitsRecovery, http.MethodGet, nil, false, 10, nil, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				tel := newTelemetry()
				ctx, cancel := context.WithCancel(t.Context())
				r := httptest.NewRequestWithContext(ctx, tt.method, "/", http.NoBody)
				tt.handler.serve(tel, r, adapter.Inbound{}, func(x *adapter.Exchange) {
					time.Sleep(5 * time.Millisecond)
					if tt.answer != nil {
						tt.answer(x)
					}
				}, adapter.WithBodySizes())
				if got := len(tel.Spans.Ended()) == 1; got != tt.ends {
					t.Errorf("the span has ended with the answer: %v", got)
				}
				time.Sleep(5 * time.Millisecond)
				cancel()
				time.Sleep(time.Minute)
				synctest.Wait()
				span := tel.Ended(t, 1)[0]
				if got := span.EndTime().Sub(span.StartTime()); got != tt.took*time.Millisecond {
					t.Errorf("it took %v, want %d ms", got, tt.took)
				}
				all := servertest.Map(span.Attributes())
				if all["http.response.status_code"] != tt.status || all["http.response.body.size"] != tt.size {
					t.Errorf("the span has %v, want %v and %d bytes", all, tt.status, tt.size)
				}
				if l := tel.Lines(t, "request completed"); len(l) != 1 || l[0]["error"] == nil || l[0]["span_id"] == nil {
					t.Errorf("the completion lines are %v", l)
				}
			})
		})
	}
}

// answer says for each size what a writer outside would.
func answer(status int, sizes ...int64) func(*adapter.Exchange) {
	return func(x *adapter.Exchange) {
		for _, size := range sizes {
			x.Answered(status, size)
		}
	}
}

func TestNobodyIsAwaitedWhereThereIsNothingToAnswer(t *testing.T) {
	t.Parallel()
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	for name, tt := range map[string]struct {
		ctx       context.Context
		handler   plain
		errorType any
	}{
		"the answer is out": {t.Context(), func(x *adapter.Exchange, w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusOK)
			x.Await(r, x.Returned(errBroken))
		}, "*errors.errorString"},
		"the client has gone": {gone, awaits(errBroken), nil},
		"the response is given up": {t.Context(), func(x *adapter.Exchange, _ http.ResponseWriter, r *http.Request) {
			x.Await(r, x.Panicked(http.ErrAbortHandler))
		}, "net/http.ErrAbortHandler"},
		"the exchange has ended": {t.Context(), func(x *adapter.Exchange, _ http.ResponseWriter, r *http.Request) {
			x.Finish(r, x.Panicked("boom"))
			x.Await(r, x.Returned(errBroken))
			x.Finish(r, x.Returned(nil))
		}, "string"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tel := newTelemetry()
			tt.handler.serve(tel, httptest.NewRequestWithContext(tt.ctx, http.MethodGet, "/", http.NoBody), adapter.Inbound{}, answer(500, 7))
			if all := servertest.Map(tel.Ended(t, 1)[0].Attributes()); all["error.type"] != tt.errorType || all["http.response.status_code"] == int64(500) {
				t.Errorf("the span has %v, want error.type %v", all, tt.errorType)
			}
		})
	}
}

func TestAnExchangeThatHasEndedDoesNotHideAPanic(t *testing.T) {
	t.Parallel()
	tel := newTelemetry()
	defer func() {
		if got := recover(); got != "late" {
			t.Errorf("panicked with %v", got)
		}
		if all := servertest.Map(tel.Ended(t, 1)[0].Attributes()); all["error.type"] != nil {
			t.Errorf("the span has %v", all)
		}
	}()
	plain(func(x *adapter.Exchange, _ http.ResponseWriter, r *http.Request) {
		x.Finish(r, adapter.Outcome{})
		panic("late")
	}).serve(tel, httptest.NewRequest(http.MethodGet, "/", nil), adapter.Inbound{}, nil)
}

func TestWhatOnlyTheFrameworkKnows(t *testing.T) {
	t.Parallel()
	in := adapter.Inbound{
		Route: "/x/:id", Scheme: "https", Client: "203.0.113.9", SpanName: func() string { return "serve x" },
		Attributes: []attribute.KeyValue{attribute.String("tenant", "a")},
	}
	known := map[string]any{"http.route": "/x/:id", "url.scheme": "https", "client.address": "203.0.113.9", "tenant": "a"}
	for name, tt := range map[string]struct {
		in   adapter.Inbound
		opts []adapter.Option
		span string
		want map[string]any
	}{
		"everything": {in, nil, "serve x", known},
		"nothing":    {adapter.Inbound{}, nil, "GET", map[string]any{"http.route": nil, "url.scheme": "http", "client.address": "192.0.2.1"}},
		"what the user says wins": {in, []adapter.Option{
			adapter.WithRoute(func(*http.Request) string { return "/y" }),
			adapter.WithScheme(func(*http.Request) string { return "http" }),
			adapter.WithClientAddress(func(*http.Request) string { return "203.0.113.1" }),
			adapter.WithSpanNameFormatter(func(*http.Request) string { return "serve y" }),
			adapter.WithSpanAttributes(func(*http.Request) []attribute.KeyValue { return []attribute.KeyValue{attribute.String("tenant", "b")} }),
		}, "serve y", map[string]any{"http.route": "/y", "url.scheme": "http", "client.address": "203.0.113.1", "tenant": "b"}},
		"a name that the user leaves to the framework": {in, []adapter.Option{
			adapter.WithSpanNameFormatter(func(*http.Request) string { return "" }),
		}, "serve x", known},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tel := newTelemetry()
			plain(func(x *adapter.Exchange, _ http.ResponseWriter, r *http.Request) {
				x.SetRoute("") // says nothing
				o := x.Returned(nil)
				o.Attributes = []attribute.KeyValue{attribute.String("tier", "gold")}
				x.Finish(r, o)
			}).serve(tel, httptest.NewRequest(http.MethodGet, "/x/1", nil), tt.in, nil, append(tt.opts,
				adapter.WithMetricAttributes(func(*http.Request) []attribute.KeyValue { return []attribute.KeyValue{attribute.Bool("own", true)} }))...)
			span, measured := tel.Ended(t, 1)[0], tel.Measured(t)
			if span.Name() != tt.span || measured["tier"] != "gold" || measured["own"] != true {
				t.Errorf("the span is called %q, the metric has %v", span.Name(), measured)
			}
			for key, want := range tt.want {
				if got := servertest.Map(span.Attributes())[key]; got != want {
					t.Errorf("%s is %v, want %v", key, got, want)
				}
			}
			if scope := span.InstrumentationScope(); scope.Name != "test" || scope.Version != "1" {
				t.Errorf("the scope is %v", scope)
			}
		})
	}
}

func TestOptionsOfAFrameworkOfItsOwn(t *testing.T) {
	t.Parallel()
	type config struct{ said []string }
	say := func(what string) adapter.Option {
		return adapter.Extend("WithWord", true, func(c *config) { c.said = append(c.said, what) })
	}
	own := &config{}
	adapter.New(adapter.Scope{Name: "test"}, own, say("a"), adapter.WithoutServerTiming(), say("b"))
	if !slices.Equal(own.said, []string{"a", "b"}) {
		t.Errorf("was told %v", own.said)
	}
	for name, other := range map[string]any{"none": nil, "another": &struct{ config }{}, "no pointer": config{}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			defer func() {
				const want = "test: an option for *adapter_test.config was given to another middleware; give it to the New of its own package"
				if got := recover(); got != want {
					t.Errorf("panicked with %v", got)
				}
			}()
			adapter.New(adapter.Scope{Name: "test"}, other, say("a"))
		})
	}
}

func TestAnExtensionThatIsNilPanicsWithTheCure(t *testing.T) {
	t.Parallel()
	for want, misuse := range map[string]func(){
		"adapter: WithX(nil); leave the option out":                    func() { adapter.Extend("WithX", false, func(*int) {}) },
		"adapter: Extend(nil); pass the function that sets the option": func() { adapter.Extend[int]("WithX", true, nil) },
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			defer func() {
				if got := recover(); got != want {
					t.Errorf("panicked with %v", got)
				}
			}()
			misuse()
		})
	}
}

func TestAnExchangeInsideAnotherNamesTheRoute(t *testing.T) {
	t.Parallel()
	tel := newTelemetry()
	inner := adapter.New(adapter.Scope{Name: "test", Version: "1"}, nil, tel.opts...)
	h := tel.wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !inner.Skips(w, r, "/x/:id") {
			t.Error("there would be two")
		}
	}), adapter.WithSkipper(func(r *http.Request) bool { return r.URL.Path == "/skipped" }))
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/x/1", nil))
	if span := tel.Ended(t, 1)[0]; span.Name() != "GET /x/:id" {
		t.Errorf("the span is %q", span.Name())
	}
}
