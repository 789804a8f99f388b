// SPDX-License-Identifier: Apache-2.0

package echov5_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/labstack/echo/v5"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/asynclocal/asynclocal/logging"
	"github.com/asynclocal/asynclocal/middleware/echov5"
)

// deadline is how long a test waits for what must happen; it is never waited out.
const deadline = 20 * time.Second

// telemetry is what a server under test reports.
type telemetry struct {
	spans  *tracetest.SpanRecorder
	tracer *sdktrace.TracerProvider
	reader *metric.ManualReader
	meter  *metric.MeterProvider
	logger *zap.Logger

	sink, console *sink // the same lines, as JSON and as a developer reads them
}

func newTelemetry(t testing.TB, opts ...sdktrace.TracerProviderOption) *telemetry {
	t.Helper()
	tel := &telemetry{spans: tracetest.NewSpanRecorder(), reader: metric.NewManualReader(), sink: &sink{}, console: &sink{}}
	tel.tracer = sdktrace.NewTracerProvider(append(opts, sdktrace.WithSpanProcessor(tel.spans))...)
	tel.meter = metric.NewMeterProvider(metric.WithReader(tel.reader))
	keys := zapcore.EncoderConfig{MessageKey: "msg", LevelKey: "level", EncodeLevel: zapcore.LowercaseLevelEncoder}
	tel.logger = zap.New(zapcore.NewTee(
		zapcore.NewCore(zapcore.NewJSONEncoder(keys), tel.sink, zapcore.DebugLevel),
		zapcore.NewCore(zapcore.NewConsoleEncoder(keys), tel.console, zapcore.DebugLevel),
	), logging.Correlate())
	return tel
}

func (tel *telemetry) options(more ...echov5.Option) []echov5.Option {
	return append([]echov5.Option{
		echov5.WithTracerProvider(tel.tracer),
		echov5.WithMeterProvider(tel.meter),
		echov5.WithLogger(tel.logger),
	}, more...)
}

func (tel *telemetry) middleware(more ...echov5.Option) echo.MiddlewareFunc {
	return echov5.New(tel.options(more...)...)
}

// sink keeps what is logged.
type sink struct {
	mu   sync.Mutex
	text strings.Builder
}

func (s *sink) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(p)
}

func (s *sink) Sync() error { return nil }

func (s *sink) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

type line map[string]any

func (tel *telemetry) lines(t *testing.T, msg string) (found []line) {
	t.Helper()
	for text := range strings.Lines(tel.sink.String()) {
		var l line
		if err := json.Unmarshal([]byte(text), &l); err != nil {
			t.Fatalf("a line is not JSON: %v: %q", err, text)
		}
		if l["msg"] == msg {
			found = append(found, l)
		}
	}
	return found
}

// completion returns the completion lines when there are n.
func (tel *telemetry) completion(t *testing.T, n int) []line {
	t.Helper()
	waitFor(t, "completion lines", func() bool { return len(tel.lines(t, "request completed")) >= n })
	lines := tel.lines(t, "request completed")
	if len(lines) != n {
		t.Fatalf("%d completion lines, want %d: %v", len(lines), n, lines)
	}
	return lines
}

// ended returns the spans when n have ended.
func (tel *telemetry) ended(t *testing.T, n int) []sdktrace.ReadOnlySpan {
	t.Helper()
	waitFor(t, "spans", func() bool { return len(tel.spans.Ended()) >= n })
	spans := tel.spans.Ended()
	if len(spans) != n {
		t.Fatalf("%d spans ended, want %d: %v", len(spans), n, spans)
	}
	return spans
}

func waitFor(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(deadline); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("no %s within %v", what, deadline)
		}
	}
}

func attributes(all []attribute.KeyValue) map[string]any {
	m := map[string]any{}
	for _, a := range all {
		m[string(a.Key)] = a.Value.AsInterface()
	}
	return m
}

// points returns the data points of a histogram.
func (tel *telemetry) points(t *testing.T, name string) []metricdata.HistogramDataPoint[float64] {
	t.Helper()
	if h, ok := tel.metric(t, name).(metricdata.Histogram[float64]); ok {
		return h.DataPoints
	}
	return nil
}

func (tel *telemetry) metric(t *testing.T, name string) metricdata.Aggregation {
	t.Helper()
	var all metricdata.ResourceMetrics
	if err := tel.reader.Collect(context.Background(), &all); err != nil {
		t.Fatal(err)
	}
	for _, scope := range all.ScopeMetrics {
		for _, m := range scope.Metrics {
			if m.Name == name {
				return m.Data
			}
		}
	}
	return nil
}

const durationMetric = "http.server.request.duration"

// newEcho returns an Echo that keeps quiet.
func newEcho() *echo.Echo {
	return echo.NewWithConfig(echo.Config{Logger: slog.New(slog.DiscardHandler)})
}

// serve starts a real server.
func serve(t *testing.T, h http.Handler) *httptest.Server {
	t.Helper()
	s := httptest.NewUnstartedServer(h)
	return launch(t, s, s.Start)
}

type answer struct {
	status int
	header http.Header
	body   string
}

func get(t *testing.T, client *http.Client, url string, headers ...string) answer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Add(headers[i], headers[i+1])
	}
	return do(t, client, req)
}

func do(t *testing.T, client *http.Client, req *http.Request) answer {
	t.Helper()
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{resp.StatusCode, resp.Header, string(body)}
}

func tenant(name string) zap.Field { return zap.String("tenant", name) }

var protocols = map[string]func(*testing.T, http.Handler) *httptest.Server{"HTTP/1.1": serve, "HTTP/2": serveHTTP2}
