// SPDX-License-Identifier: Apache-2.0

package middleware_test

import (
	"net/http"
	"testing"

	"github.com/labstack/echo/v4"
	"go.opentelemetry.io/otel/attribute"

	"github.com/asynclocal/asynclocal/internal/servertest"
	"github.com/asynclocal/asynclocal/middleware/otelecho"
	"github.com/asynclocal/asynclocal/tracing"
)

// dropIn is Echo v4 with the drop-in for the retired package, of whose options it has some.
func dropIn() *servertest.Framework {
	f := *framework
	f.Package = "otelecho"
	f.New = func(opts ...otelecho.Option) echo.MiddlewareFunc { return otelecho.Middleware("shop", opts...) }
	f.Options = map[string]any{
		"WithTracerProvider":   otelecho.WithTracerProvider,
		"WithMeterProvider":    otelecho.WithMeterProvider,
		"WithPropagators":      otelecho.WithPropagators,
		"WithMetricAttributes": otelecho.WithEchoMetricAttributeFn,
	}
	f.Always = []servertest.Option{servertest.With("WithPropagators", tracing.Propagator())}
	return &f
}

func TestTheDropInSpeaksW3C(t *testing.T) { servertest.W3C(t, dropIn()) }

func TestTheDropInsAttributesOfMetricsSeeTheAnswer(t *testing.T) {
	servertest.AttributesOfMetricsSeeTheAnswer(t, dropIn())
}

// The drop-in's function for requests gets the one that came in, as the retired package
// gave it, and not what a middleware inside has made of it.
func TestTheDropInsFunctionGetsTheIncomingRequest(t *testing.T) {
	t.Parallel()
	tel := servertest.NewTelemetry()
	e := newEcho()
	rewrites := func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			r := c.Request().Clone(c.Request().Context())
			r.URL.Path = "/rewritten"
			r.Header.Set("X-Tier", "rewritten")
			c.SetRequest(r)
			return next(c)
		}
	}
	e.Use(otelecho.Middleware("shop", otelecho.WithTracerProvider(tel.Tracer), otelecho.WithMeterProvider(tel.Meter),
		otelecho.WithMetricAttributeFn(func(r *http.Request) []attribute.KeyValue {
			return []attribute.KeyValue{attribute.String("path", r.URL.Path), attribute.String("tier", r.Header.Get("X-Tier"))}
		})), rewrites)
	e.GET("/x", handler(servertest.Fails(nil)))
	servertest.Get(t, servertest.Serve(t, e), "/x", "X-Tier", "gold")
	tel.Ended(t, 1)
	if got := tel.Measured(t); got["path"] != "/x" || got["tier"] != "gold" {
		t.Errorf("measured %v", got)
	}
}
