// SPDX-License-Identifier: Apache-2.0

package middleware_test

import (
	"net/http"
	"testing"

	"github.com/labstack/echo/v4"
	"go.opentelemetry.io/otel/attribute"

	"github.com/asynclocal/asynclocal/middleware"
	"github.com/asynclocal/asynclocal/middleware/otelecho"
)

func statusSeen(c echo.Context) []attribute.KeyValue {
	return []attribute.KeyValue{attribute.Int("seen", c.Response().Status), attribute.Bool("committed", c.Response().Committed)}
}

// A function for the metrics sees the status that the client gets, wherever an error is
// answered.
func TestAttributesOfMetricsSeeTheAnswer(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		register func(*echo.Echo, echo.MiddlewareFunc)
		handler  echo.HandlerFunc
		want     int64
	}{
		"answered inside":          {around(), fails(errPlain), 418},
		"answered by Echo outside": {inside(hears(errPlain)), fails(errPlain), 418},
		"answered by another":      {inside(answers(http.StatusGone)), fails(errPlain), 410},
		"a panic that is answered": {inside(quietRecover()), panics(errPlain), 418},
		"an error that is kept":    {inside(swallows), fails(errPlain), 200},
		"before the router":        {preInside(hears(errPlain)), fails(errPlain), 418},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for which, make := range map[string]func(*telemetry) echo.MiddlewareFunc{
				"middleware": func(tel *telemetry) echo.MiddlewareFunc {
					return tel.middleware(middleware.WithMetricAttributes(statusSeen))
				},
				"otelecho": func(tel *telemetry) echo.MiddlewareFunc {
					return otelecho.Middleware("shop", otelecho.WithTracerProvider(tel.tracer), otelecho.WithMeterProvider(tel.meter),
						otelecho.WithEchoMetricAttributeFn(statusSeen))
				},
			} {
				tel := newTelemetry(t)
				e := newEcho()
				e.HTTPErrorHandler = teapot
				tt.register(e, make(tel))
				e.GET("/", tt.handler)
				s := serve(t, e)
				get(t, s.Client(), s.URL)
				tel.ended(t, 1)
				if got := attributes(tel.points(t, durationMetric)[0].Attributes.ToSlice()); got["seen"] != tt.want || got["http.response.status_code"] != tt.want {
					t.Errorf("%s: measured %v", which, got)
				}
			}
		})
	}
}

// Whoever answers is not to blame for a function that panics when it is asked again.
func TestAFunctionForTheMetricsThatPanicsLater(t *testing.T) {
	t.Parallel()
	tel := newTelemetry(t)
	e := newEcho()
	e.HTTPErrorHandler = teapot
	asked := 0
	e.Use(hears(errPlain), tel.middleware(middleware.WithMetricAttributes(func(echo.Context) []attribute.KeyValue {
		if asked++; asked == 2 {
			panic("boom")
		}
		return []attribute.KeyValue{attribute.Int("asked", asked)}
	})))
	e.GET("/", fails(errPlain))
	s := serve(t, e)
	if got := get(t, s.Client(), s.URL); got.status != http.StatusTeapot {
		t.Errorf("answered %d", got.status)
	}
	tel.ended(t, 1)
	if got := attributes(tel.points(t, durationMetric)[0].Attributes.ToSlice()); got["asked"] != int64(1) || asked != 2 {
		t.Errorf("measured %v, asked %d times", got, asked)
	}
}

// The drop-in's function for requests gets the one that came in, as the retired package
// gave it, and not what a middleware inside has made of it.
func TestTheDropInsFunctionGetsTheIncomingRequest(t *testing.T) {
	t.Parallel()
	tel := newTelemetry(t)
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
	e.Use(otelecho.Middleware("shop", otelecho.WithTracerProvider(tel.tracer), otelecho.WithMeterProvider(tel.meter),
		otelecho.WithMetricAttributeFn(func(r *http.Request) []attribute.KeyValue {
			return []attribute.KeyValue{attribute.String("path", r.URL.Path), attribute.String("tier", r.Header.Get("X-Tier"))}
		})), rewrites)
	e.GET("/x", fails(nil))
	s := serve(t, e)
	get(t, s.Client(), s.URL+"/x", "X-Tier", "gold")
	tel.ended(t, 1)
	if got := attributes(tel.points(t, durationMetric)[0].Attributes.ToSlice()); got["path"] != "/x" || got["tier"] != "gold" {
		t.Errorf("measured %v", got)
	}
}
