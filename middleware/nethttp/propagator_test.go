// SPDX-License-Identifier: Apache-2.0

package nethttp_test

import (
	"context"
	"net/http"
	"testing"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"github.com/asynclocal/asynclocal/middleware/nethttp"
	"github.com/asynclocal/asynclocal/tracing"
)

// single is a propagator of one header that is not W3C's, as a neighbor may speak it.
type single struct{}

const theirs = "X-Their-Trace"

func (single) Fields() []string { return []string{theirs} }

func (single) Inject(ctx context.Context, carrier propagation.TextMapCarrier) {
	carrier.Set(theirs, trace.SpanContextFromContext(ctx).TraceID().String())
}

func (single) Extract(ctx context.Context, carrier propagation.TextMapCarrier) context.Context {
	id, err := trace.TraceIDFromHex(carrier.Get(theirs))
	if err != nil {
		return ctx
	}
	sc := trace.NewSpanContext(trace.SpanContextConfig{TraceID: id, SpanID: trace.SpanID{1}, TraceFlags: trace.FlagsSampled})
	return trace.ContextWithRemoteSpanContext(ctx, sc)
}

// It is not parallel: what is global is.
func TestTheGlobalPropagatorsHeaderIsReadAndPassedOn(t *testing.T) {
	tel := newTelemetry()
	passed := make(chan http.Header, 1)
	behind := serve(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { passed <- r.Header }), false)
	client := &http.Client{Transport: tracing.Transport(behind.Client().Transport)}
	handler := tel.wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		req, _ := http.NewRequestWithContext(r.Context(), http.MethodGet, behind.URL, nil)
		if res, err := client.Do(req); err == nil {
			_ = res.Body.Close()
		}
	}))
	otel.SetTextMapPropagator(single{}) // after both are made, as programs do
	t.Cleanup(func() { otel.SetTextMapPropagator(propagation.NewCompositeTextMapPropagator()) })

	s := serve(t, handler, false)
	const id = "0af7651916cd43dd8448eb211c80319c"
	req, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL, nil)
	req.Header.Set(theirs, id)
	res, err := s.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	header := <-passed
	span := tel.ended(t, 2)[1]
	if span.SpanContext().TraceID().String() != id || header.Get(theirs) != id || header.Get("Traceparent") == "" {
		t.Errorf("the trace is %s, and %v is passed on", span.SpanContext().TraceID(), header)
	}
}

// A propagator that is given is all there is.
func TestAPropagatorThatIsGivenIsAlone(t *testing.T) {
	tel := newTelemetry()
	otel.SetTextMapPropagator(single{})
	t.Cleanup(func() { otel.SetTextMapPropagator(propagation.NewCompositeTextMapPropagator()) })
	s := serve(t, tel.wrap(http.NotFoundHandler(), nethttp.WithPropagators(tracing.Propagator())), false)
	req, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL, nil)
	req.Header.Set(theirs, "0af7651916cd43dd8448eb211c80319c")
	res, err := s.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if parent := tel.ended(t, 1)[0].Parent(); parent.IsValid() {
		t.Errorf("the parent is %v", parent)
	}
}
