// SPDX-License-Identifier: Apache-2.0

package coretest_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"

	"github.com/labstack/echo/v4"
	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/asynclocal/asynclocal/logging"
	"github.com/asynclocal/asynclocal/middleware"
	"github.com/asynclocal/asynclocal/middleware/nethttp"
	"github.com/asynclocal/asynclocal/store"
	"github.com/asynclocal/asynclocal/tracing"
)

// burden is a kind of request, and the same without this module: what it costs is
// the difference.
type burden struct {
	name          string
	with, without func(inside func())
}

func burdens() []burden {
	return append(bare(), behind()...)
}

// bare are requests without a server.
func bare() []burden {
	s, t, u := store.New("s", 0), store.New("t", ""), store.New[any]("u", nil)
	sdk := sdktrace.NewTracerProvider()
	plain, tracer := sdk.Tracer("test"), tracing.Wrap(sdk).Tracer("test")
	nothing := func(inside func()) { inside() }
	run := func(f func(ctx context.Context)) {
		r := store.NewRequest("")
		r.SetName("GET /orders/:id")
		r.Run(bg(), f)
	}
	return []burden{
		{"a Request", func(inside func()) { run(func(context.Context) { inside() }) }, nothing},
		{"a Request, three Storages set", func(inside func()) {
			run(func(context.Context) { s.Run(1, func() { t.Run("two", func() { u.Run(3, inside) }) }) })
		}, nothing},
		{"a Request, three fields by Add", func(inside func()) {
			run(func(context.Context) {
				logging.Add(zap.String("tenant", "acme"), zap.Int("items", 3), zap.Bool("paid", true))
				inside()
			})
		}, nothing},
		{"a Request with a span", func(inside func()) {
			run(func(ctx context.Context) {
				_, span := tracer.Start(ctx, "span")
				defer span.End()
				inside()
			})
		}, func(inside func()) {
			_, span := plain.Start(bg(), "span")
			defer span.End()
			inside()
		}},
	}
}

// serverAttributes are as many as a server's span has at its start.
var serverAttributes = trace.WithAttributes(
	attribute.String("request.id", "DNWFTZPIOR6QYM3CRGVXV54DVQ"), attribute.String("http.request.method", "GET"),
	attribute.String("url.scheme", "http"), attribute.String("url.path", "/orders/17"), attribute.String("url.query", "x=1"),
	attribute.String("http.route", "/orders/:id"), attribute.String("server.address", "example.com"),
	attribute.String("network.peer.address", "192.0.2.1"), attribute.Int("network.peer.port", 1234),
	attribute.String("client.address", "192.0.2.1"), attribute.String("network.protocol.version", "1.1"))

// behind are requests through a middleware, beside those through the least that has
// a span of the SDK around the handler, and in its ctx.
func behind() (list []burden) {
	logger := zap.New(zapcore.NewCore(zapcore.NewJSONEncoder(zap.NewProductionEncoderConfig()), zapcore.AddSync(io.Discard), zap.InfoLevel), logging.Correlate())
	for _, mode := range []struct {
		name    string
		sampler sdktrace.Sampler
	}{{"sampled", sdktrace.AlwaysSample()}, {"unsampled", sdktrace.NeverSample()}} {
		sdk := sdktrace.NewTracerProvider(sdktrace.WithSampler(mode.sampler))
		n := nethttp.New(nethttp.WithTracerProvider(tracing.Wrap(sdk)), nethttp.WithLogger(logger))
		e, plainEcho := echo.New(), echo.New()
		e.Use(middleware.New(middleware.WithTracerProvider(tracing.Wrap(sdk)), middleware.WithLogger(logger)))
		e.GET("/orders/:id", func(c echo.Context) error { return work(c.Response()) })
		tracer := sdk.Tracer("test")
		plainEcho.GET("/orders/:id", func(c echo.Context) error {
			ctx, span := tracer.Start(c.Request().Context(), "GET /orders/:id", serverAttributes)
			defer span.End()
			c.SetRequest(c.Request().WithContext(ctx))
			return work(c.Response())
		})
		h := func(w http.ResponseWriter, _ *http.Request) { _ = work(w) }
		plain := func(w http.ResponseWriter, r *http.Request) {
			ctx, span := tracer.Start(r.Context(), "GET /orders/:id", serverAttributes)
			defer span.End()
			r = r.WithContext(ctx)
			h(w, r)
			runtime.KeepAlive(r)
		}
		list = append(list,
			burden{"net/http, " + mode.name, through(n(http.HandlerFunc(h))), through(http.HandlerFunc(plain))},
			burden{"Echo, " + mode.name, through(e), through(plainEcho)})
	}
	return list
}

// work does what the response that a request came with says.
func work(w http.ResponseWriter) error {
	for {
		switch v := w.(type) {
		case *response:
			v.inherit()
			return nil
		case interface{ Unwrap() http.ResponseWriter }:
			w = v.Unwrap()
		default:
			return fmt.Errorf("not a response of the test: %T", w)
		}
	}
}

func through(h http.Handler) func(inside func()) {
	return func(inside func()) {
		r, w := httptest.NewRequest(http.MethodGet, "/orders/17?x=1", http.NoBody), &response{httptest.NewRecorder(), inside}
		w.Header()["Vary"] = nil // so that the map of headers is there in any case
		h.ServeHTTP(w, r)
		runtime.KeepAlive(r) // as a server does
		runtime.KeepAlive(w)
	}
}
