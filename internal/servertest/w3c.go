// SPDX-License-Identifier: Apache-2.0

package servertest

import (
	"context"
	"net/http"
	"testing"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/propagation"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/asynclocal/asynclocal/internal/w3ctest"
	"github.com/asynclocal/asynclocal/store"
	"github.com/asynclocal/asynclocal/tracing"
)

// traced returns a server with only the middleware around h.
func traced(t *testing.T, f *Framework, tp trace.TracerProvider, h http.Handler) http.Handler {
	t.Helper()
	s := f.Server()
	s.Use(f.middleware(t, With("WithTracerProvider", tp)))
	s.Handle("", "/", func(c Context) error { h.ServeHTTP(c.Writer(), c.Request()); return nil })
	return s
}

// transport is how a service under test calls back.
func transport(base http.RoundTripper) http.RoundTripper { return tracing.Transport(base) }

// lost is transport for a handler that has lost the request's context on the way.
func lost(base http.RoundTripper) http.RoundTripper {
	next := tracing.Transport(base)
	return roundTripper(func(r *http.Request) (*http.Response, error) {
		return next.RoundTrip(r.WithContext(context.Background()))
	})
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// W3C tests that what comes in through the middleware goes out through the transport as the W3C
// specifications require, on the wire, with a ctx and without.
func W3C(t *testing.T, f *Framework) {
	t.Parallel()
	for protocol, start := range Protocols {
		t.Run(protocol, func(t *testing.T) {
			t.Parallel()
			h := w3ctest.Handler(w3ctest.Callback(t, transport))
			w3ctest.Run(t, start(t, traced(t, f, sdktrace.NewTracerProvider(), h)))
		})
	}
	t.Run("without ctx", func(t *testing.T) {
		t.Parallel()
		if !store.Ambient() {
			t.Skip("nothing is ambient")
		}
		h := w3ctest.Handler(w3ctest.Callback(t, lost))
		w3ctest.Run(t, Serve(t, traced(t, f, sdktrace.NewTracerProvider(), h)))
	})
	for sampler, always := range map[sdktrace.Sampler]bool{
		sdktrace.AlwaysSample():                       true,
		sdktrace.ParentBased(sdktrace.AlwaysSample()): false,
	} {
		t.Run("flags, "+sampler.Description(), func(t *testing.T) {
			t.Parallel()
			h := w3ctest.Handler(w3ctest.Callback(t, transport))
			w3ctest.RunFlags(t, Serve(t, traced(t, f, sdktrace.NewTracerProvider(sdktrace.WithSampler(sampler)), h)), always)
		})
	}
}

// single is a propagator of one header that is not W3C's, as a neighbor may use.
type single struct{}

const foreign = "X-Foreign-Trace"

func (single) Fields() []string { return []string{foreign} }

func (single) Inject(ctx context.Context, carrier propagation.TextMapCarrier) {
	carrier.Set(foreign, trace.SpanContextFromContext(ctx).TraceID().String())
}

func (single) Extract(ctx context.Context, carrier propagation.TextMapCarrier) context.Context {
	id, err := trace.TraceIDFromHex(carrier.Get(foreign))
	if err != nil {
		return ctx
	}
	sc := trace.NewSpanContext(trace.SpanContextConfig{TraceID: id, SpanID: trace.SpanID{1}, TraceFlags: trace.FlagsSampled})
	return trace.ContextWithRemoteSpanContext(ctx, sc)
}

// It is not parallel: the global propagator is shared.
func theGlobalPropagatorsHeaderIsReadAndPassedOn(t *testing.T, f *Framework) {
	tel := NewTelemetry()
	passed := make(chan http.Header, 1)
	behind := Serve(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { passed <- r.Header }))
	client := &http.Client{Transport: tracing.Transport(behind.Client().Transport)}
	h := traced(t, f, tel.Tracer, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if res, err := client.Do(NewRequest(r.Context(), t, behind, http.MethodGet, "/", nil)); err == nil {
			_ = res.Body.Close()
		}
	}))
	otel.SetTextMapPropagator(single{}) // after both are made, as programs do
	t.Cleanup(func() { otel.SetTextMapPropagator(propagation.NewCompositeTextMapPropagator()) })
	Get(t, Serve(t, h), "/", foreign, remoteTrace)
	header := <-passed
	span := tel.Ended(t, 2)[1]
	if span.SpanContext().TraceID().String() != remoteTrace || header.Get(foreign) != remoteTrace || header.Get("Traceparent") == "" {
		t.Errorf("the trace is %s, and %v is passed on", span.SpanContext().TraceID(), header)
	}
}

// A propagator that is given is the only one.
func aPropagatorThatIsGivenIsAlone(t *testing.T, f *Framework) {
	tel := NewTelemetry()
	otel.SetTextMapPropagator(single{})
	t.Cleanup(func() { otel.SetTextMapPropagator(propagation.NewCompositeTextMapPropagator()) })
	h := f.Server()
	h.Use(f.middleware(t, tel.options(With("WithPropagators", tracing.Propagator()))...))
	h.Handle(http.MethodGet, "/", Fails(nil))
	Get(t, Serve(t, h), "/", foreign, remoteTrace)
	if parent := tel.Ended(t, 1)[0].Parent(); parent.IsValid() {
		t.Errorf("the parent is %v", parent)
	}
}
