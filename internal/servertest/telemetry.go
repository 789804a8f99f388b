// SPDX-License-Identifier: Apache-2.0

package servertest

import (
	"context"
	"encoding/json"
	"strings"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/asynclocal/asynclocal/logging"
)

// Deadline is how long a test waits for what must happen; a passing test never waits that long.
const Deadline = 20 * time.Second

// Duration is the name of the metric that records every request.
const Duration = "http.server.request.duration"

// Telemetry is what a server under test reports.
type Telemetry struct {
	Spans  *tracetest.SpanRecorder
	Tracer *sdktrace.TracerProvider
	Meter  *metric.MeterProvider
	Logger *zap.Logger

	Sink, Console *Sink // the same lines, as JSON and as a developer reads them

	reader *metric.ManualReader
}

// NewTelemetry returns separate Telemetry for a test.
func NewTelemetry(opts ...sdktrace.TracerProviderOption) *Telemetry {
	tel := &Telemetry{Spans: tracetest.NewSpanRecorder(), reader: metric.NewManualReader(), Sink: &Sink{}, Console: &Sink{}}
	tel.Tracer = sdktrace.NewTracerProvider(append(opts, sdktrace.WithSpanProcessor(tel.Spans))...)
	tel.Meter = metric.NewMeterProvider(metric.WithReader(tel.reader))
	console := zapcore.NewCore(zapcore.NewConsoleEncoder(keys), tel.Console, zapcore.DebugLevel)
	tel.Logger = zap.New(zapcore.NewTee(jsonCore(tel.Sink), console), logging.Correlate())
	return tel
}

var keys = zapcore.EncoderConfig{MessageKey: "msg", LevelKey: "level", EncodeLevel: zapcore.LowercaseLevelEncoder}

func jsonCore(s *Sink) zapcore.Core {
	return zapcore.NewCore(zapcore.NewJSONEncoder(keys), s, zapcore.DebugLevel)
}

// options are the options that report everything to tel, and more.
func (tel *Telemetry) options(more ...Option) []Option {
	return append([]Option{
		With("WithTracerProvider", tel.Tracer), With("WithMeterProvider", tel.Meter), With("WithLogger", tel.Logger),
	}, more...)
}

// Sink keeps what is logged.
type Sink struct {
	mu   sync.Mutex
	text strings.Builder
}

func (s *Sink) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(p)
}

// Sync does nothing.
func (s *Sink) Sync() error { return nil }

func (s *Sink) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// Reset forgets what was logged.
func (s *Sink) Reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.text.Reset()
}

// Line is a line of the log.
type Line map[string]any

// Lines returns the lines with the message msg.
func (tel *Telemetry) Lines(t testing.TB, msg string) (found []Line) {
	t.Helper()
	for text := range strings.Lines(tel.Sink.String()) {
		var l Line
		if err := json.Unmarshal([]byte(text), &l); err != nil {
			t.Fatalf("a line is not JSON: %v: %q", err, text)
		}
		if l["msg"] == msg {
			found = append(found, l)
		}
	}
	return found
}

// Completion returns the completion lines once there are n.
func (tel *Telemetry) Completion(t testing.TB, n int) []Line {
	t.Helper()
	WaitFor(t, "completion lines", func() bool { return len(tel.Lines(t, "request completed")) >= n })
	lines := tel.Lines(t, "request completed")
	if len(lines) != n {
		t.Fatalf("%d completion lines, want %d: %v", len(lines), n, lines)
	}
	return lines
}

// Ended returns the spans once n have ended.
func (tel *Telemetry) Ended(t testing.TB, n int) []sdktrace.ReadOnlySpan {
	t.Helper()
	WaitFor(t, "spans", func() bool { return len(tel.Spans.Ended()) >= n })
	spans := tel.Spans.Ended()
	if len(spans) != n {
		t.Fatalf("%d spans ended, want %d: %v", len(spans), n, spans)
	}
	return spans
}

// Span returns the only span, once it has ended, with its attributes.
func (tel *Telemetry) Span(t testing.TB) (sdktrace.ReadOnlySpan, map[string]any) {
	t.Helper()
	span := tel.Ended(t, 1)[0]
	return span, Map(span.Attributes())
}

// Measured returns the attributes of the only point of the duration.
func (tel *Telemetry) Measured(t testing.TB) map[string]any {
	t.Helper()
	points := tel.Points(t)
	if len(points) != 1 || points[0].Count != 1 {
		t.Fatalf("the duration was recorded as %+v", points)
	}
	return Map(points[0].Attributes.ToSlice())
}

// Points returns the data points of the duration.
func (tel *Telemetry) Points(t testing.TB) []metricdata.HistogramDataPoint[float64] {
	t.Helper()
	h, _ := tel.Metric(t, Duration).(metricdata.Histogram[float64])
	return h.DataPoints
}

// ActivePoints returns the data points of http.server.active_requests.
func (tel *Telemetry) ActivePoints(t testing.TB) []metricdata.DataPoint[int64] {
	t.Helper()
	sum, _ := tel.Metric(t, "http.server.active_requests").(metricdata.Sum[int64])
	return sum.DataPoints
}

// Active returns the value of http.server.active_requests.
func (tel *Telemetry) Active(t testing.TB) (n int64) {
	t.Helper()
	for _, p := range tel.ActivePoints(t) {
		n += p.Value
	}
	return n
}

// Metric returns the data of one metric, or nil.
func (tel *Telemetry) Metric(t testing.TB, name string) metricdata.Aggregation {
	t.Helper()
	for _, m := range tel.Metrics(t) {
		if m.Name == name {
			return m.Data
		}
	}
	return nil
}

// Metrics returns what was recorded.
func (tel *Telemetry) Metrics(t testing.TB) (all []metricdata.Metrics) {
	t.Helper()
	var rm metricdata.ResourceMetrics
	if err := tel.reader.Collect(context.Background(), &rm); err != nil {
		t.Fatal(err)
	}
	for _, scope := range rm.ScopeMetrics {
		all = append(all, scope.Metrics...)
	}
	return all
}

// Map returns attributes by key.
func Map(all []attribute.KeyValue) map[string]any {
	m := map[string]any{}
	for _, a := range all {
		m[string(a.Key)] = a.Value.AsInterface()
	}
	return m
}

// WaitFor returns when ok returns true, and fails the test if that takes too long.
func WaitFor(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(Deadline); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("no %s within %v", what, Deadline)
		}
	}
}
