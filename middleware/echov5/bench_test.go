// SPDX-License-Identifier: Apache-2.0

package echov5_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/labstack/echo/v5"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/asynclocal/asynclocal/logging"
	"github.com/asynclocal/asynclocal/middleware/echov5"
)

// BenchmarkRequest is one request with one line of the handler's, without a network:
// through Echo alone, and with everything on, spans and lines made and dropped. What
// stands beside it, and what it costs in Echo v4, is in bench/echov4.
func BenchmarkRequest(b *testing.B) {
	for _, stack := range []struct {
		name string
		echo func() *echo.Echo
	}{{"bare", bareStack}, {"asynclocal", fullStack}} {
		b.Run(stack.name, func(b *testing.B) {
			e, w, r := stack.echo(), &nowhere{http.Header{}}, benchRequest()
			b.ReportAllocs()
			for b.Loop() {
				clear(w.header)
				e.ServeHTTP(w, r)
			}
		})
	}
}

func benchRequest() *http.Request {
	r := httptest.NewRequest(http.MethodGet, "/orders/7", nil)
	r.Header.Set("User-Agent", "bench")
	return r
}

func bareStack() *echo.Echo {
	return orders(newEcho(), zap.NewNop())
}

func fullStack() *echo.Echo {
	logger := zap.New(zapcore.NewCore(zapcore.NewJSONEncoder(zap.NewProductionEncoderConfig()),
		zapcore.AddSync(io.Discard), zapcore.InfoLevel), logging.Correlate())
	e := newEcho()
	e.Use(echov5.New(
		echov5.WithTracerProvider(sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(drop{}))),
		echov5.WithMeterProvider(sdkmetric.NewMeterProvider(sdkmetric.WithReader(sdkmetric.NewManualReader()))),
		echov5.WithLogger(logger)))
	return orders(e, logger)
}

func orders(e *echo.Echo, logger *zap.Logger) *echo.Echo {
	e.GET("/orders/:id", func(c *echo.Context) error {
		logger.Info("looking it up")
		return c.NoContent(http.StatusOK)
	})
	return e
}

// drop ends spans as an exporter would receive them.
type drop struct{}

func (drop) OnStart(context.Context, sdktrace.ReadWriteSpan) {}
func (drop) OnEnd(sdktrace.ReadOnlySpan)                     {}
func (drop) Shutdown(context.Context) error                  { return nil }
func (drop) ForceFlush(context.Context) error                { return nil }

// nowhere is a writer that allocates nothing.
type nowhere struct{ header http.Header }

func (w *nowhere) Header() http.Header         { return w.header }
func (w *nowhere) Write(p []byte) (int, error) { return len(p), nil }
func (w *nowhere) WriteHeader(int)             {}
func (w *nowhere) Flush()                      {}
