// SPDX-License-Identifier: Apache-2.0

package servertest

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/embedded"

	"github.com/asynclocal/asynclocal/store"
	"github.com/asynclocal/asynclocal/tracing"
)

func aRequestIsOneStory(t *testing.T, f *Framework) {
	t.Parallel()
	tel := NewTelemetry()
	h := f.Server()
	h.Use(f.middleware(t, tel.options()...))
	route := f.route("/orders/:id")
	h.Handle(http.MethodGet, "/orders/:id", func(c Context) error {
		tel.Logger.Info("in the handler")
		done := make(chan bool)
		go func() {
			defer close(done)
			tel.Logger.Info("in a goroutine")
		}()
		<-done
		if r, ok := store.CurrentFrom(c.Request().Context()); !ok || !f.lacks(KnownRoute) && r.Name() != "GET "+route {
			t.Errorf("the Request is %v, %q", ok, r.Name())
		}
		return c.String(http.StatusOK, id(t, c))
	})
	got := Get(t, Serve(t, h), "/orders/7?x=1&sig=secret", "X-Request-Id", "abc-1", "Traceparent", remoteSampled)
	span, all := tel.Span(t)
	sc := span.SpanContext()
	if got.Status != 200 || got.Body != "abc-1" || got.Header.Get("X-Request-Id") != "abc-1" {
		t.Errorf("answered %+v", got)
	}
	if want := "trace;desc=00-" + remoteTrace + "-" + sc.SpanID().String() + "-01"; got.Header.Get("Server-Timing") != want {
		t.Errorf("server-timing is %q, want %q", got.Header.Get("Server-Timing"), want)
	}
	if span.Name() != "GET "+route || span.SpanKind() != trace.SpanKindServer || span.Parent().SpanID().String() != remoteSpan {
		t.Errorf("the span is %q, %v, under %v", span.Name(), span.SpanKind(), span.Parent().SpanID())
	}
	for key, want := range map[string]any{
		"http.request.method": "GET", "http.route": route, "http.response.status_code": int64(200),
		"url.scheme": "http", "url.path": "/orders/7", "url.query": "x=1&sig=REDACTED",
		"server.address": "127.0.0.1", "client.address": "127.0.0.1", "network.peer.address": "127.0.0.1",
		"network.protocol.version": "1.1", "user_agent.original": "Go-http-client/1.1", "request.id": "abc-1",
	} {
		if all[key] != want {
			t.Errorf("%s is %v, want %v", key, all[key], want)
		}
	}
	if all["server.port"] == nil {
		t.Errorf("no server.port: %v", all)
	}
	checkStory(t, tel, "in the handler", "in a goroutine", "request completed")
}

// checkStory checks that the lines belong to the one span, and that the metric is about it.
func checkStory(t *testing.T, tel *Telemetry, lines ...string) {
	t.Helper()
	span, _ := tel.Span(t)
	for _, msg := range lines {
		if msg != "request completed" && !store.Ambient() {
			continue
		}
		l := tel.Lines(t, msg)
		if len(l) != 1 {
			t.Fatalf("%d lines %q: %s", len(l), msg, tel.Sink)
		}
		if l := l[0]; l["request_id"] != "abc-1" || l["trace_id"] != remoteTrace || l["span_id"] != span.SpanContext().SpanID().String() {
			t.Errorf("%q has the ids %v", msg, l)
		}
	}
	tel.Measured(t)
	if p, took := tel.Points(t)[0], span.EndTime().Sub(span.StartTime()); p.Sum != took.Seconds() {
		t.Errorf("recorded %+v, the span took %v", p, took)
	}
}

func nothingOfARequestIsLeftOnItsConnection(t *testing.T, f *Framework) {
	t.Parallel()
	for name, leave := range map[string]Handler{"after an answer": Text(200), "after a panic that was recovered outside": Panics("boom")} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tel := NewTelemetry()
			instrumented := f.bare()
			instrumented.Use(f.middleware(t, tel.options()...))
			instrumented.Handle(http.MethodGet, "/", leave)
			s := Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/" {
					defer func() {
						if recover() != nil {
							w.WriteHeader(http.StatusInternalServerError)
						}
					}()
					instrumented.ServeHTTP(w, r)
					return
				}
				if r, ok := store.Current(); ok || tracing.Span().SpanContext().IsValid() {
					t.Errorf("the next request sees %v, %v", r, tracing.Span().SpanContext())
				}
			}))
			s.Client().Transport.(*http.Transport).MaxConnsPerHost = 1
			Get(t, s, "/")
			Get(t, s, "/other")
			tel.Ended(t, 1)
		})
	}
}

type key struct{}

func middlewareOutsideSeesTheContextThatTheHandlerLeft(t *testing.T, f *Framework) {
	t.Parallel()
	f.need(t, Replaces)
	for name, leave := range map[string]Handler{"after an answer": Fails(nil), "after an error": Fails(ErrPlain), "after a panic": Panics(ErrPlain)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tel := NewTelemetry()
			var seen context.Context
			h := f.Server()
			h.Use(append(f.parts(t, []Middleware{Recover}), func(next Handler) Handler {
				return func(c Context) error {
					defer func() { seen = c.Request().Context() }()
					return next(c)
				}
			}, f.middleware(t, tel.options()...))...)
			h.Handle(http.MethodGet, "/", func(c Context) error {
				c.SetRequest(c.Request().WithContext(context.WithValue(c.Request().Context(), key{}, "kept")))
				return leave(c)
			})
			ctx, cancel := context.WithCancel(t.Context())
			h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(ctx, http.MethodGet, "/", nil))
			cancel()
			r, ok := store.CurrentFrom(seen)
			if seen.Value(key{}) != "kept" || !ok || r.Name() != "GET /" {
				t.Errorf("outside are %v and the request %v", seen.Value(key{}), r.Name())
			}
			if trace.SpanContextFromContext(seen).SpanID() != tel.Ended(t, 1)[0].SpanContext().SpanID() {
				t.Error("outside is another span")
			}
		})
	}
}

func aRequestThatAHandlerMakesIsOneOfItsOwn(t *testing.T, f *Framework) {
	t.Parallel()
	f.need(t, Anew)
	tel := NewTelemetry()
	h := f.Server()
	h.Use(f.middleware(t, tel.options()...))
	h.Handle(http.MethodGet, "/inner", func(c Context) error { return c.String(http.StatusOK, "inner") })
	h.Handle(http.MethodGet, "/outer", func(c Context) error {
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/inner", nil).WithContext(c.Request().Context()))
		return c.String(http.StatusOK, rec.Body.String())
	})
	if got := Get(t, Serve(t, h), "/outer"); got.Body != "inner" {
		t.Fatalf("answered %+v", got)
	}
	spans := tel.Ended(t, 2)
	if spans[0].Name() != "GET /inner" || spans[1].Name() != "GET /outer" || spans[0].Parent().SpanID() != spans[1].SpanContext().SpanID() {
		t.Errorf("the spans are %q under %v, %q", spans[0].Name(), spans[0].Parent().SpanID(), spans[1].Name())
	}
}

func aRequestThatIsServedAgainIsAnother(t *testing.T, f *Framework) {
	t.Parallel()
	tel := NewTelemetry()
	ours := f.middleware(t, tel.options()...)
	fallback := f.Server()
	fallback.Use(ours)
	fallback.Handle(http.MethodGet, "/*", func(c Context) error { return c.String(http.StatusOK, "fallback") })
	h := f.Server()
	h.Use(func(next Handler) Handler {
		return func(c Context) error {
			if err := next(c); err != nil {
				return c.String(http.StatusNotFound, "not found")
			}
			fallback.ServeHTTP(c.Writer(), c.Request())
			return nil
		}
	}, ours)
	h.Handle(http.MethodGet, "/x", Fails(nil))
	if got := Get(t, Serve(t, h), "/x"); got.Body != "fallback" {
		t.Fatalf("answered %+v", got)
	}
	tel.Ended(t, 2)
}

func aSkippedRequestIsLeftAlone(t *testing.T, f *Framework) {
	t.Parallel()
	tel := NewTelemetry()
	h := f.Server()
	h.Use(f.middleware(t, tel.options(With("WithSkipper", func(c Context) bool { return c.Request().URL.Path == "/healthz" }))...))
	h.Handle(http.MethodGet, "/healthz", func(c Context) error {
		if _, ok := store.CurrentFrom(c.Request().Context()); ok {
			t.Error("there is a Request")
		}
		return c.String(http.StatusOK, "fine")
	})
	if got := Get(t, Serve(t, h), "/healthz"); got.Body != "fine" || got.Header.Get("X-Request-Id") != "" || got.Header.Get("Server-Timing") != "" {
		t.Errorf("answered %v", got)
	}
	if len(tel.Spans.Started()) != 0 || tel.Sink.String() != "" || len(tel.Metrics(t)) != 0 {
		t.Error("something was recorded")
	}
}

func withoutAccessLogThereIsNoLine(t *testing.T, f *Framework) {
	t.Parallel()
	tel := NewTelemetry()
	h := f.Server()
	h.Use(f.middleware(t, tel.options(With("WithoutAccessLog"), With("WithoutServerTiming"))...))
	h.Handle(http.MethodGet, "/", Fails(ErrPlain))
	if got := Get(t, Serve(t, h), "/"); got.Header.Get("Server-Timing") != "" {
		t.Errorf("answered %v", got.Header)
	}
	tel.Ended(t, 1)
	if tel.Sink.String() != "" {
		t.Errorf("logged %s", tel.Sink)
	}
}

func aSpanThatWasStartedOutsideIsTheParent(t *testing.T, f *Framework) {
	t.Parallel()
	tel := NewTelemetry()
	h := f.Server()
	h.Use(f.middleware(t, tel.options()...))
	h.Handle(http.MethodGet, "/", Fails(nil))
	var outside trace.SpanContext
	s := Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, span := tel.Tracer.Tracer("outside").Start(r.Context(), "outside")
		defer span.End()
		outside = span.SpanContext()
		h.ServeHTTP(w, r.WithContext(ctx))
	}))
	Get(t, s, "/", "Traceparent", remoteSampled)
	if span := tel.Ended(t, 2)[0]; span.Parent().SpanID() != outside.SpanID() {
		t.Errorf("the parent is %v, want %v", span.Parent().SpanID(), outside.SpanID())
	}
}

func aServerStartedInASpanDoesNotAdoptIt(t *testing.T, f *Framework) {
	t.Parallel()
	tel := NewTelemetry()
	h := f.Server()
	h.Use(f.middleware(t, tel.options()...))
	h.Handle(http.MethodGet, "/", Fails(nil))
	store.NewRequest("starter").Run(t.Context(), func(ctx context.Context) {
		_, span := tel.Tracer.Tracer("test").Start(ctx, "start")
		defer span.End()
		Get(t, Serve(t, h), "/")
		if span := tel.Ended(t, 1)[0]; span.Parent().IsValid() {
			t.Errorf("the request's span is a child of %v", span.Parent().SpanID())
		}
		if got := tel.Completion(t, 1)[0]["request_id"]; got == "starter" {
			t.Error("the request is the one that the server was started in")
		}
	})
}

func aLingerOfZeroEndsARequestForWhatInheritedIt(t *testing.T, f *Framework) {
	t.Parallel()
	if !store.Ambient() {
		t.Skip("nothing is inherited")
	}
	for _, tt := range []struct {
		opts []Option
		want bool
	}{{nil, true}, {[]Option{With("WithLinger", time.Duration(0))}, false}, {[]Option{With("WithLinger", store.Forever)}, true}} {
		over, got := make(chan struct{}), make(chan bool)
		inherit := func() {
			go func() {
				<-over
				_, ok := store.Current()
				got <- ok
			}()
		}
		h := f.Server()
		h.Use(f.middleware(t, NewTelemetry().options(tt.opts...)...))
		h.Handle(http.MethodGet, "/", func(Context) error { inherit(); return nil })
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", http.NoBody))
		close(over)
		if ok := <-got; ok != tt.want {
			t.Errorf("with %v a goroutine has the request after its end: %v", tt.opts, ok)
		}
	}
}

// vendor is a provider whose spans have only the methods of the API.
type vendor struct {
	embedded.TracerProvider
	inner trace.TracerProvider
}

func (v vendor) Tracer(name string, opts ...trace.TracerOption) trace.Tracer {
	return vendorTracer{inner: v.inner.Tracer(name, opts...)}
}

type vendorTracer struct {
	embedded.Tracer
	inner trace.Tracer
}

func (v vendorTracer) Start(ctx context.Context, name string, opts ...trace.SpanStartOption) (context.Context, trace.Span) {
	ctx, s := v.inner.Start(ctx, name, opts...)
	s = vendorSpan{s}
	return trace.ContextWithSpan(ctx, s), s
}

type vendorSpan struct{ trace.Span }

// A span that does not show its start is given one, from the second span on.
func theDurationIsTheSpansWhateverTheSpanIs(t *testing.T, f *Framework) {
	t.Parallel()
	tel := NewTelemetry()
	h := f.Server()
	h.Use(f.middleware(t, tel.options(With("WithTracerProvider", vendor{inner: tel.Tracer}))...))
	h.Handle(http.MethodGet, "/first", Fails(nil))
	h.Handle(http.MethodGet, "/second", Fails(nil))
	s := Serve(t, h)
	for i, path := range []string{"/first", "/second"} {
		Get(t, s, path)
		tel.Ended(t, i+1)
	}
	span := tel.Ended(t, 2)[1]
	if len(tel.Points(t)) != 2 {
		t.Fatalf("%d points", len(tel.Points(t)))
	}
	for _, p := range tel.Points(t) {
		took := span.EndTime().Sub(span.StartTime()).Seconds()
		if route, _ := p.Attributes.Value("http.route"); route.AsString() == "/second" && p.Sum != took {
			t.Errorf("recorded %v, the span took %v", p.Sum, took)
		}
	}
}
