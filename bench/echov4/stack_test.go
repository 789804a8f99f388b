// SPDX-License-Identifier: Apache-2.0

package echov4_test

import (
	"context"
	"flag"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"testing"
	"time"

	"github.com/labstack/echo/v4"
	echomiddleware "github.com/labstack/echo/v4/middleware"
	contrib "go.opentelemetry.io/contrib/instrumentation/github.com/labstack/echo/otelecho" //nolint:staticcheck // deprecated: that is why it is measured against
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	metricnoop "go.opentelemetry.io/otel/metric/noop"
	"go.opentelemetry.io/otel/propagation"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/asynclocal/asynclocal/logging"
	"github.com/asynclocal/asynclocal/middleware"
)

// providers are what every stack of a run reports to.
type providers struct {
	tracer trace.TracerProvider
	meter  metric.MeterProvider
	logger *zap.Logger
}

// discard ends spans as an exporter would receive them, and drops them.
type discard struct{}

func (discard) OnStart(context.Context, sdktrace.ReadWriteSpan) {}
func (discard) OnEnd(sdktrace.ReadOnlySpan)                     {}
func (discard) Shutdown(context.Context) error                  { return nil }
func (discard) ForceFlush(context.Context) error                { return nil }

// A mode is what of it is on.
type mode struct {
	name             string
	sampled, metrics bool
}

var modes = []mode{
	{"sampled, metrics", true, true}, {"sampled", true, false},
	{"unsampled, metrics", false, true}, {"unsampled", false, false},
}

func newProviders(m mode) providers {
	sampler := sdktrace.NeverSample()
	if m.sampled {
		sampler = sdktrace.AlwaysSample()
	}
	p := providers{
		tracer: sdktrace.NewTracerProvider(sdktrace.WithSampler(sampler), sdktrace.WithSpanProcessor(discard{})),
		meter:  metricnoop.NewMeterProvider(),
		logger: zap.New(zapcore.NewCore(zapcore.NewJSONEncoder(zap.NewProductionEncoderConfig()),
			zapcore.AddSync(io.Discard), zapcore.InfoLevel)),
	}
	if m.metrics {
		p.meter = sdkmetric.NewMeterProvider(sdkmetric.WithReader(sdkmetric.NewManualReader()))
	}
	return p
}

// A builder makes an Echo whose handler logs one line, on its stack.
type builder func(providers) *echo.Echo

var stacks = []struct {
	name  string
	build builder
}{{"bare", bare}, {"floor", floor}, {"asynclocal", asynclocal}, {"alone", asynclocalAlone}, {"contrib", contribAlone}, {"assembled", assembled}}

func bare(providers) *echo.Echo { return route(echo.New(), func(echo.Context) {}) }

// contribAlone has spans and metrics, and no id and no lines.
func contribAlone(p providers) *echo.Echo {
	e := echo.New()
	e.Use(instrumentation(p))
	return route(e, func(echo.Context) {})
}

func instrumentation(p providers) echo.MiddlewareFunc {
	return contrib.Middleware("shop", contrib.WithTracerProvider(p.tracer), contrib.WithMeterProvider(p.meter),
		contrib.WithPropagators(propagation.NewCompositeTextMapPropagator(propagation.TraceContext{}, propagation.Baggage{})))
}

func route(e *echo.Echo, log func(echo.Context)) *echo.Echo {
	e.GET("/orders/:id", func(c echo.Context) error {
		log(c)
		return c.NoContent(http.StatusOK)
	})
	return e
}

func asynclocal(p providers) *echo.Echo {
	logger := p.logger.WithOptions(logging.Correlate())
	e := echo.New()
	e.Use(middleware.New(
		middleware.WithTracerProvider(p.tracer),
		middleware.WithMeterProvider(p.meter),
		middleware.WithLogger(logger)))
	return route(e, func(echo.Context) { logger.Info("looking it up") })
}

// asynclocalAlone has no lines, as contribAlone.
func asynclocalAlone(p providers) *echo.Echo {
	e := echo.New()
	e.Use(middleware.New(middleware.WithTracerProvider(p.tracer), middleware.WithMeterProvider(p.meter)))
	return route(e, func(echo.Context) {})
}

type loggerKey struct{}

// assembled is what is put together today: an id, the retired instrumentation, a
// request log and a logger for each request.
func assembled(p providers) *echo.Echo {
	e := echo.New()
	e.Use(echomiddleware.RequestID())
	e.Use(instrumentation(p))
	e.Use(echomiddleware.RequestLoggerWithConfig(echomiddleware.RequestLoggerConfig{
		LogMethod: true, LogRoutePath: true, LogURIPath: true, LogStatus: true, LogLatency: true,
		LogRemoteIP: true, LogResponseSize: true, LogContentLength: true, LogRequestID: true, LogError: true,
		LogValuesFunc: func(c echo.Context, v echomiddleware.RequestLoggerValues) error {
			sc := trace.SpanContextFromContext(c.Request().Context())
			p.logger.Info("request completed",
				zap.String("request_id", v.RequestID),
				zap.String("trace_id", sc.TraceID().String()), zap.String("span_id", sc.SpanID().String()),
				zap.String("trace_flags", sc.TraceFlags().String()),
				zap.String("method", v.Method), zap.String("route", v.RoutePath), zap.String("path", v.URIPath),
				zap.Int("status", v.Status), zap.Duration("duration", v.Latency),
				zap.String("bytes_in", v.ContentLength), zap.Int64("bytes_out", v.ResponseSize),
				zap.String("client", v.RemoteIP))
			return nil
		},
	}))
	e.Use(func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			ctx := c.Request().Context()
			sc := trace.SpanContextFromContext(ctx)
			scoped := p.logger.With(
				zap.String("request_id", c.Response().Header().Get(echo.HeaderXRequestID)),
				zap.String("trace_id", sc.TraceID().String()), zap.String("span_id", sc.SpanID().String()),
				zap.String("trace_flags", sc.TraceFlags().String()))
			c.SetRequest(c.Request().WithContext(context.WithValue(ctx, loggerKey{}, scoped)))
			return next(c)
		}
	})
	return route(e, func(c echo.Context) {
		c.Request().Context().Value(loggerKey{}).(*zap.Logger).Info("looking it up")
	})
}

// floor does no work of its own: a span with attributes that are there already, a
// measurement and two lines whose fields are.
func floor(p providers) *echo.Echo {
	tracer := p.tracer.Tracer("floor")
	histogram, _ := p.meter.Meter("floor").Float64Histogram("http.server.request.duration", metric.WithUnit("s"))
	ids := []zap.Field{
		zap.String("request_id", "DNWFTZPIOR6QYM3CRGVXV54DVQ"),
		zap.String("trace_id", "0af7651916cd43dd8448eb211c80319c"),
		zap.String("span_id", "b7ad6b7169203331"), zap.String("trace_flags", "01"),
	}
	completion := append(append([]zap.Field{}, ids...),
		zap.String("method", "GET"), zap.String("route", "/orders/:id"), zap.String("path", "/orders/7"),
		zap.Int("status", 200), zap.Float64("duration_ms", 0.25), zap.Int64("bytes_in", 0),
		zap.Int64("bytes_out", 0), zap.String("client", "192.0.2.1"))
	start := []trace.SpanStartOption{trace.WithSpanKind(trace.SpanKindServer), trace.WithAttributes(startAttributes...)}
	record := []metric.RecordOption{metric.WithAttributeSet(attribute.NewSet(metricAttributes...))}
	e := echo.New()
	e.Use(func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			began := time.Now()
			ctx, span := tracer.Start(c.Request().Context(), "GET /orders/:id", start...)
			c.SetRequest(c.Request().WithContext(ctx))
			err := next(c)
			span.SetAttributes(endAttributes...)
			histogram.Record(ctx, time.Since(began).Seconds(), record...)
			p.logger.Info("request completed", completion...)
			span.End()
			return err
		}
	})
	return route(e, func(echo.Context) { p.logger.Info("looking it up", ids...) })
}

var startAttributes = []attribute.KeyValue{
	attribute.String("request.id", "DNWFTZPIOR6QYM3CRGVXV54DVQ"),
	attribute.String("http.request.method", "GET"), attribute.String("url.scheme", "http"),
	attribute.String("url.path", "/orders/7"), attribute.String("http.route", "/orders/:id"),
	attribute.String("server.address", "example.com"), attribute.String("network.peer.address", "192.0.2.1"),
	attribute.Int("network.peer.port", 1234), attribute.String("client.address", "192.0.2.1"),
	attribute.String("network.protocol.version", "1.1"), attribute.String("user_agent.original", "bench"),
}

var endAttributes = []attribute.KeyValue{attribute.Int("http.response.status_code", 200)}

var metricAttributes = []attribute.KeyValue{
	attribute.String("http.request.method", "GET"), attribute.String("url.scheme", "http"),
	attribute.String("http.route", "/orders/:id"), attribute.Int("http.response.status_code", 200),
	attribute.String("network.protocol.version", "1.1"),
}

// writer is a ResponseWriter that keeps nothing.
type writer struct{ header http.Header }

func (w *writer) Header() http.Header         { return w.header }
func (w *writer) Write(p []byte) (int, error) { return len(p), nil }
func (w *writer) WriteHeader(int)             {}
func (w *writer) Flush()                      {}

func newRequest() *http.Request {
	r := httptest.NewRequest(http.MethodGet, "/orders/7", nil)
	r.Header.Set("User-Agent", "bench")
	return r
}

// live is heap that a server keeps for itself. Without it there is next to nothing that lives,
// and the collector runs every few hundred requests.
var live = flag.Int("live", 0, "hold this many `MiB` of small objects that point to each other")

// node is as large as most of what programs keep.
type node struct {
	next *node
	_    [56]byte
}

func ballast(mib int) (list *node) {
	for range mib << 20 / 64 {
		list = &node{next: list}
	}
	return list
}

func BenchmarkRequest(b *testing.B) {
	held := ballast(*live)
	defer runtime.KeepAlive(held)
	for _, mode := range modes {
		for _, s := range stacks {
			b.Run(mode.name+"/"+s.name, func(b *testing.B) {
				e := s.build(newProviders(mode))
				w, r := &writer{http.Header{}}, newRequest()
				b.ReportAllocs()
				for b.Loop() {
					clear(w.header)
					e.ServeHTTP(w, r)
				}
			})
		}
	}
}
