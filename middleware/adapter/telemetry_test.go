// SPDX-License-Identifier: Apache-2.0

package adapter_test

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
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
	"github.com/asynclocal/asynclocal/middleware/nethttp"
)

// deadline is how long a test waits for what must happen; it is never waited out.
const deadline = 20 * time.Second

// telemetry is what a server under test reports.
type telemetry struct {
	spans  *tracetest.SpanRecorder
	reader *metric.ManualReader
	logger *zap.Logger
	opts   []nethttp.Option

	mu    sync.Mutex
	lines bytes.Buffer
}

func newTelemetry() *telemetry {
	tel := &telemetry{spans: tracetest.NewSpanRecorder(), reader: metric.NewManualReader()}
	encoder := zapcore.NewJSONEncoder(zapcore.EncoderConfig{MessageKey: "msg", LevelKey: "level", EncodeLevel: zapcore.LowercaseLevelEncoder})
	tel.logger = zap.New(zapcore.NewCore(encoder, tel, zapcore.DebugLevel), logging.Correlate())
	tel.opts = []nethttp.Option{
		nethttp.WithTracerProvider(sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(tel.spans))),
		nethttp.WithMeterProvider(metric.NewMeterProvider(metric.WithReader(tel.reader))),
		nethttp.WithLogger(tel.logger),
	}
	return tel
}

func (tel *telemetry) wrap(h http.Handler, more ...nethttp.Option) http.Handler {
	return nethttp.New(append(tel.opts, more...)...)(h)
}

func (tel *telemetry) Write(p []byte) (int, error) {
	tel.mu.Lock()
	defer tel.mu.Unlock()
	return tel.lines.Write(p)
}

func (*telemetry) Sync() error { return nil }

// logged returns the lines with msg.
func (tel *telemetry) logged(t *testing.T, msg string) (found []map[string]any) {
	t.Helper()
	tel.mu.Lock()
	defer tel.mu.Unlock()
	for text := range bytes.Lines(tel.lines.Bytes()) {
		var l map[string]any
		if err := json.Unmarshal(text, &l); err != nil {
			t.Fatalf("a line is not JSON: %v: %q", err, text)
		}
		if l["msg"] == msg {
			found = append(found, l)
		}
	}
	return found
}

// ended returns the spans when n have ended.
func (tel *telemetry) ended(t *testing.T, n int) []sdktrace.ReadOnlySpan {
	t.Helper()
	for end := time.Now().Add(deadline); len(tel.spans.Ended()) < n; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d spans ended, want %d", len(tel.spans.Ended()), n)
		}
	}
	if got := tel.spans.Ended(); len(got) != n {
		t.Fatalf("%d spans ended, want %d", len(got), n)
	}
	return tel.spans.Ended()
}

// measured returns the attributes of the duration's one point.
func (tel *telemetry) measured(t *testing.T) map[string]any {
	t.Helper()
	for _, m := range tel.collect(t) {
		if h, ok := m.Data.(metricdata.Histogram[float64]); ok && len(h.DataPoints) == 1 && h.DataPoints[0].Count == 1 {
			return attributes(h.DataPoints[0].Attributes.ToSlice())
		}
	}
	t.Fatal("the duration was not recorded once")
	return nil
}

func (tel *telemetry) collect(t *testing.T) (all []metricdata.Metrics) {
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

func attributes(all []attribute.KeyValue) map[string]any {
	m := map[string]any{}
	for _, a := range all {
		m[string(a.Key)] = a.Value.AsInterface()
	}
	return m
}
