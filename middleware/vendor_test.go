// SPDX-License-Identifier: Apache-2.0

package middleware_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/labstack/echo/v4"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/embedded"

	"github.com/asynclocal/asynclocal/middleware"
)

// vendor is a provider whose spans have the methods of the API and no others.
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

// A span that does not say when it began is told, from the second on.
func TestTheDurationIsTheSpansWhoeverTheSpanIsOf(t *testing.T) {
	t.Parallel()
	tel := newTelemetry(t)
	e := echo.New()
	e.Use(middleware.New(tel.options(middleware.WithTracerProvider(vendor{inner: tel.tracer}))...))
	e.GET("/first", func(c echo.Context) error { return c.NoContent(http.StatusOK) })
	e.GET("/second", func(c echo.Context) error { return c.NoContent(http.StatusOK) })
	s := serve(t, e)
	for i, path := range []string{"/first", "/second"} {
		get(t, s.Client(), s.URL+path)
		tel.ended(t, i+1)
	}
	span := tel.ended(t, 2)[1]
	points := tel.points(t, durationMetric)
	if len(points) != 2 {
		t.Fatalf("%d points", len(points))
	}
	for _, p := range points {
		took := span.EndTime().Sub(span.StartTime()).Seconds()
		if route, _ := p.Attributes.Value("http.route"); route.AsString() == "/second" && p.Sum != took {
			t.Errorf("recorded %v, the span took %v", p.Sum, took)
		}
	}
}
