// SPDX-License-Identifier: Apache-2.0

package tracing_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/propagation"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/asynclocal/asynclocal/internal/w3ctest"
	"github.com/asynclocal/asynclocal/tracing"
)

const (
	w3cTrace  = w3ctest.Trace
	w3cParent = w3ctest.Parent
	unsampled = w3ctest.Unsampled
	sampled   = w3ctest.Sampled
)

func repeat(s string, n int) string { return strings.Repeat(s, n) }

func members(n int) string { return w3ctest.Members(n) }

func TestW3CSuite(t *testing.T) {
	t.Parallel()
	w3ctest.Run(t, newW3CService(t))
}

func TestFlagsReachTheNextHop(t *testing.T) {
	t.Parallel()
	w3ctest.RunFlags(t, newW3CService(t), true)
	for _, in := range []string{"00", "01", "02", "03", "fc", "ff"} {
		extracted := trace.SpanContextFromContext(extract(propagation.MapCarrier{"traceparent": sampled[:53] + in}))
		if flags := extracted.TraceFlags(); flags&^(trace.FlagsSampled|trace.FlagsRandom) != 0 {
			t.Errorf("flags %s were extracted as %s", in, flags)
		}
	}
}

// newW3CService starts a service that is nothing but the propagator: it goes on with
// what a request says, and calls back with what it would send.
func newW3CService(t *testing.T) *httptest.Server {
	t.Helper()
	tracer := sdktrace.NewTracerProvider(sdktrace.WithSampler(sdktrace.AlwaysSample())).Tracer("w3c")
	s := httptest.NewServer(w3ctest.Handler(func(r *http.Request) (http.Header, error) {
		ctx := tracing.Propagator().Extract(r.Context(), propagation.HeaderCarrier(r.Header))
		ctx, span := tracer.Start(ctx, "client")
		defer span.End()
		call := http.Header{}
		tracing.Propagator().Inject(ctx, propagation.HeaderCarrier(call))
		return call, nil
	}))
	t.Cleanup(s.Close)
	return s
}
