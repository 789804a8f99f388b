// SPDX-License-Identifier: Apache-2.0

package otelecho_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"
	echomiddleware "github.com/labstack/echo/v4/middleware"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/asynclocal/asynclocal/middleware/otelecho"
)

type telemetry struct {
	spans  *tracetest.SpanRecorder
	reader *metric.ManualReader
	opts   []otelecho.Option
}

func newTelemetry() *telemetry {
	tel := &telemetry{spans: tracetest.NewSpanRecorder(), reader: metric.NewManualReader()}
	tel.opts = []otelecho.Option{
		otelecho.WithTracerProvider(sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(tel.spans))),
		otelecho.WithMeterProvider(metric.NewMeterProvider(metric.WithReader(tel.reader))),
		otelecho.WithPropagators(propagation.TraceContext{}),
	}
	return tel
}

// span returns the one that has ended.
func (tel *telemetry) span(t *testing.T) (sdktrace.ReadOnlySpan, map[string]any) {
	t.Helper()
	ended := tel.spans.Ended()
	if len(ended) != 1 {
		t.Fatalf("%d spans have ended", len(ended))
	}
	return ended[0], attributes(ended[0].Attributes())
}

func (tel *telemetry) measured(t *testing.T) (scope string, all map[string]any) {
	t.Helper()
	var rm metricdata.ResourceMetrics
	if err := tel.reader.Collect(context.Background(), &rm); err != nil {
		t.Fatal(err)
	}
	if len(rm.ScopeMetrics) != 1 || len(rm.ScopeMetrics[0].Metrics) != 1 {
		t.Fatalf("recorded %+v", rm.ScopeMetrics)
	}
	m := rm.ScopeMetrics[0].Metrics[0]
	h, _ := m.Data.(metricdata.Histogram[float64])
	if m.Name != "http.server.request.duration" || len(h.DataPoints) != 1 {
		t.Fatalf("recorded %+v", m)
	}
	return rm.ScopeMetrics[0].Scope.Name, attributes(h.DataPoints[0].Attributes.ToSlice())
}

func attributes(all []attribute.KeyValue) map[string]any {
	m := map[string]any{}
	for _, a := range all {
		m[string(a.Key)] = a.Value.AsInterface()
	}
	return m
}

func request(e *echo.Echo) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodGet, "/orders/7", nil)
	r.Header.Set("Traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
	e.ServeHTTP(w, r)
	return w
}

// Every name of the retired package, with its type.
func TestTheCodeOfTheRetiredPackageIsKept(t *testing.T) {
	t.Parallel()
	var _ string = otelecho.ScopeName
	var _ string = otelecho.Version
	var byRequest otelecho.MetricAttributeFn = func(r *http.Request) []attribute.KeyValue {
		return []attribute.KeyValue{attribute.String("path", r.URL.Path), attribute.String("who", "request")}
	}
	var byEcho otelecho.EchoMetricAttributeFn = func(c echo.Context) []attribute.KeyValue {
		return []attribute.KeyValue{attribute.String("id", c.Param("id")), attribute.String("who", "echo")}
	}
	var heard error
	var onError otelecho.OnErrorFn = func(_ echo.Context, err error) { heard = err }
	var skipper echomiddleware.Skipper = func(c echo.Context) bool { return c.Path() == "/healthz" }
	tel := newTelemetry()
	e := echo.New()
	e.Use(otelecho.Middleware("shop.example.com:443", append(tel.opts,
		otelecho.WithSkipper(skipper),
		otelecho.WithMetricAttributeFn(byRequest),
		otelecho.WithEchoMetricAttributeFn(byEcho),
		otelecho.WithOnError(onError))...))
	e.GET("/orders/:id", func(echo.Context) error { return echo.ErrConflict })

	if got := request(e); got.Code != http.StatusConflict {
		t.Errorf("answered %d", got.Code)
	}
	span, all := tel.span(t)
	if span.Name() != "GET /orders/:id" || span.InstrumentationScope().Name != otelecho.ScopeName ||
		span.Parent().SpanID().String() != "b7ad6b7169203331" || all["server.address"] != "shop.example.com" || all["server.port"] != int64(443) {
		t.Errorf("the span is %q of %q, %v", span.Name(), span.InstrumentationScope().Name, all)
	}
	scope, measured := tel.measured(t)
	for key, want := range map[string]any{
		"path": "/orders/7", "id": "7", "who": "echo", "server.address": "shop.example.com", "http.response.status_code": int64(409),
	} {
		if measured[key] != want {
			t.Errorf("%s is %v on the metric, want %v", key, measured[key], want)
		}
	}
	if scope != otelecho.ScopeName || heard != echo.ErrConflict { //nolint:errorlint // the very one
		t.Errorf("the scope is %q, OnError heard %v", scope, heard)
	}
}

func TestAnErrorIsAnsweredOnce(t *testing.T) {
	t.Parallel()
	answers := func(c echo.Context, err error) { c.Error(err) }
	for name, opts := range map[string][]otelecho.Option{
		"by Echo":                    {},
		"by OnError":                 {otelecho.WithOnError(answers)},
		"by OnError, in its own way": {otelecho.WithOnError(func(c echo.Context, _ error) { _ = c.String(http.StatusTeapot, "teapot") })},
		"by Echo alone":              {otelecho.WithOnError(func(echo.Context, error) {}), otelecho.WithOnError(nil)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tel := newTelemetry()
			calls := 0
			e := echo.New()
			e.HTTPErrorHandler = func(_ error, c echo.Context) {
				calls++
				_ = c.String(http.StatusTeapot, "teapot")
			}
			e.Use(otelecho.Middleware("shop", append(tel.opts, opts...)...))
			e.GET("/orders/:id", func(echo.Context) error { return echo.ErrConflict })
			got := request(e)
			want := 1
			if strings.Contains(name, "own way") {
				want = 0
			}
			if got.Code != http.StatusTeapot || got.Body.String() != "teapot" || calls != want {
				t.Errorf("answered %d %q, by %d calls of the error handler, want %d", got.Code, got.Body, calls, want)
			}
			if _, all := tel.span(t); all["http.response.status_code"] != int64(http.StatusTeapot) || all["error.type"] != nil {
				t.Errorf("the span has %v", all)
			}
		})
	}
}

func TestWhatIsNilIsTheDefault(t *testing.T) {
	t.Parallel()
	e := echo.New()
	e.Use(otelecho.Middleware("no host / at all", otelecho.WithTracerProvider(nil), otelecho.WithMeterProvider(nil),
		otelecho.WithPropagators(nil), otelecho.WithSkipper(nil), otelecho.WithMetricAttributeFn(nil),
		otelecho.WithEchoMetricAttributeFn(nil), otelecho.WithOnError(nil)))
	e.GET("/orders/:id", func(c echo.Context) error { return c.NoContent(http.StatusNoContent) })
	if got := request(e); got.Code != http.StatusNoContent {
		t.Errorf("answered %d", got.Code)
	}
}
