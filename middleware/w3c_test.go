// SPDX-License-Identifier: Apache-2.0

package middleware_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/labstack/echo/v4"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/asynclocal/asynclocal/internal/w3ctest"
	"github.com/asynclocal/asynclocal/middleware"
	"github.com/asynclocal/asynclocal/middleware/nethttp"
	"github.com/asynclocal/asynclocal/middleware/otelecho"
	"github.com/asynclocal/asynclocal/store"
	"github.com/asynclocal/asynclocal/tracing"
)

// w3cServices are servers with nothing but the middleware around h.
var w3cServices = map[string]func(tp *sdktrace.TracerProvider, h http.Handler) http.Handler{
	"Echo": func(tp *sdktrace.TracerProvider, h http.Handler) http.Handler {
		return w3cEcho(h, middleware.New(middleware.WithTracerProvider(tp)))
	},
	"net/http": func(tp *sdktrace.TracerProvider, h http.Handler) http.Handler {
		return nethttp.New(nethttp.WithTracerProvider(tp))(h)
	},
	"otelecho": func(tp *sdktrace.TracerProvider, h http.Handler) http.Handler {
		return w3cEcho(h, otelecho.Middleware("w3c", otelecho.WithTracerProvider(tp), otelecho.WithPropagators(tracing.Propagator())))
	},
}

func w3cEcho(h http.Handler, m echo.MiddlewareFunc) http.Handler {
	e := newEcho()
	e.Use(m)
	e.GET("/", echo.WrapHandler(h))
	return e
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

// What comes in through the middleware goes out through the transport as W3C has it,
// on the wire, with a ctx and without.
func TestW3CSuite(t *testing.T) {
	t.Parallel()
	for name, service := range w3cServices {
		for protocol, start := range protocols {
			t.Run(name+", "+protocol, func(t *testing.T) {
				t.Parallel()
				h := w3ctest.Handler(w3ctest.Callback(t, transport))
				w3ctest.Run(t, start(t, service(sdktrace.NewTracerProvider(), h)))
			})
		}
		t.Run(name+", without ctx", func(t *testing.T) {
			t.Parallel()
			if !store.Ambient() {
				t.Skip("nothing is ambient")
			}
			h := w3ctest.Handler(w3ctest.Callback(t, lost))
			w3ctest.Run(t, serve(t, service(sdktrace.NewTracerProvider(), h)))
		})
	}
}

func TestFlagsReachTheNextHop(t *testing.T) {
	t.Parallel()
	for name, service := range w3cServices {
		for sampler, always := range map[sdktrace.Sampler]bool{
			sdktrace.AlwaysSample():                       true,
			sdktrace.ParentBased(sdktrace.AlwaysSample()): false,
		} {
			t.Run(name+", "+sampler.Description(), func(t *testing.T) {
				t.Parallel()
				h := w3ctest.Handler(w3ctest.Callback(t, transport))
				tp := sdktrace.NewTracerProvider(sdktrace.WithSampler(sampler))
				w3ctest.RunFlags(t, serve(t, service(tp, h)), always)
			})
		}
	}
}

var protocols = map[string]func(*testing.T, http.Handler) *httptest.Server{"HTTP/1.1": serve, "HTTP/2": serveHTTP2}
