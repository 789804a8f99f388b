// SPDX-License-Identifier: Apache-2.0

package bridgetest_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/contrib/bridges/otelzap"
	"go.opentelemetry.io/otel/attribute"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"github.com/asynclocal/asynclocal/logging"
	"github.com/asynclocal/asynclocal/store"
	"github.com/asynclocal/asynclocal/tracing"
)

// exporter keeps what a collector would be sent.
type exporter struct {
	mu      sync.Mutex
	records []sdklog.Record
}

func (e *exporter) Export(_ context.Context, records []sdklog.Record) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, r := range records {
		e.records = append(e.records, r.Clone())
	}
	return nil
}

func (*exporter) Shutdown(context.Context) error   { return nil }
func (*exporter) ForceFlush(context.Context) error { return nil }

func (e *exporter) bodies() (all []string) {
	for _, r := range e.records {
		all = append(all, r.Body().AsString())
	}
	return all
}

func attributes(r sdklog.Record) map[attribute.Key]string {
	all := map[attribute.Key]string{}
	r.WalkAttributes(func(a attribute.KeyValue) bool {
		all[a.Key] = a.Value.String()
		return true
	})
	return all
}

var requestIDOnly = logging.WithScheme(logging.Custom(logging.Keys{RequestID: "request_id"}))

func exported(t *testing.T, level zapcore.Level, opts ...logging.Option) (*exporter, zapcore.Core) {
	t.Helper()
	e := new(exporter)
	provider := sdklog.NewLoggerProvider(sdklog.WithProcessor(sdklog.NewSimpleProcessor(e)))
	core, err := zapcore.NewIncreaseLevelCore(otelzap.NewCore("test", otelzap.WithLoggerProvider(provider)), level)
	if err != nil {
		t.Fatal(err)
	}
	return e, logging.NewCore(core, append([]logging.Option{requestIDOnly}, opts...)...)
}

func check(t *testing.T, r sdklog.Record, sc trace.SpanContext) {
	t.Helper()
	if r.TraceID() != sc.TraceID() || r.SpanID() != sc.SpanID() || r.TraceFlags() != sc.TraceFlags() {
		t.Errorf("%q is of %v %v %v, want %v %v", r.Body().AsString(), r.TraceID(), r.SpanID(), r.TraceFlags(), sc.TraceID(), sc.SpanID())
	}
	if a := attributes(r); a["request_id"] != "r-1" || a["trace_id"] != "" || a["ctx"] != "" {
		t.Errorf("%q has the attributes %v", r.Body().AsString(), a)
	}
}

func TestExportedRecordsCarryTheAmbientSpan(t *testing.T) {
	t.Parallel()
	if !store.Ambient() {
		t.Skip("without the ambient half")
	}
	e, core := exported(t, zap.InfoLevel, logging.WithContext())
	l := zap.New(core)
	tp := tracing.Wrap(sdktrace.NewTracerProvider())
	store.NewRequest("r-1").Run(context.Background(), func(context.Context) {
		_, span := tp.Tracer("test").Start(context.Background(), "a span that is not handed on")
		defer span.End()
		l.Info("handler")
		done := make(chan struct{})
		go func() { defer close(done); l.With(zap.Int("x", 1)).Named("n").Info("goroutine") }()
		<-done
		check(t, e.records[0], span.SpanContext())
		check(t, e.records[1], span.SpanContext())
	})
}

func TestExportedRecordsCarryTheExplicitSpan(t *testing.T) {
	t.Parallel()
	e, core := exported(t, zap.InfoLevel)
	l := zap.New(core)
	store.NewRequest("r-1").Run(context.Background(), func(ctx context.Context) {
		ctx, span := sdktrace.NewTracerProvider().Tracer("test").Start(ctx, "span")
		defer span.End()
		l.Info("on the line", logging.Ctx(ctx))
		l.Info("as the bridge takes it", zap.Any("context", ctx))
		l.With(logging.Ctx(ctx)).Info("by With")
		for _, r := range e.records {
			check(t, r, span.SpanContext())
		}
	})
	if len(e.records) != 3 {
		t.Errorf("got %q", e.bodies())
	}
}

func TestKeptRecordsCarryTheSpanTheyHadAndTheirTime(t *testing.T) {
	t.Parallel()
	e, core := exported(t, zap.InfoLevel, logging.WithFlightRecorder(zap.DebugLevel, 9))
	l := zap.New(core)
	tracer := sdktrace.NewTracerProvider().Tracer("test")
	store.NewRequest("r-1").Run(context.Background(), func(ctx context.Context) {
		first, a := tracer.Start(ctx, "a")
		second, b := tracer.Start(first, "b")
		bound := l.With(logging.Ctx(ctx))
		before := time.Now()
		bound.Debug("a", logging.Ctx(first), zap.Any("list", map[string]any{"n": 1}))
		bound.Debug("b", logging.Ctx(second))
		after := time.Now()
		b.End()
		a.End()
		logging.Complete(ctx, logging.Outcome{Failed: true})
		if got := e.bodies(); !slices.Equal(got, []string{"a", "b"}) {
			t.Fatalf("got %q", got)
		}
		check(t, e.records[0], a.SpanContext())
		check(t, e.records[1], b.SpanContext())
		for _, r := range e.records {
			if r.Timestamp().Before(before) || r.Timestamp().After(after) {
				t.Errorf("%q has the time %v", r.Body().AsString(), r.Timestamp())
			}
		}
		if got := attributes(e.records[0])["list"]; got != `{"n":1}` {
			t.Errorf("the list is %s", got)
		}
	})
}

// One logger, lines for people and records for the collector: each in its form.
func TestATeeOfLinesAndRecords(t *testing.T) {
	t.Parallel()
	e, records := exported(t, zap.InfoLevel, logging.WithContext())
	observed, lines := observer.New(zap.InfoLevel)
	l := zap.New(zapcore.NewTee(logging.NewCore(observed), records))
	store.NewRequest("r-1").Run(context.Background(), func(ctx context.Context) {
		ctx, span := sdktrace.NewTracerProvider().Tracer("test").Start(ctx, "span")
		defer span.End()
		l.Info("m", logging.Ctx(ctx))
		if len(e.records) != 1 {
			t.Fatalf("got %q", e.bodies())
		}
		check(t, e.records[0], span.SpanContext())
		if got := lines.All()[0].ContextMap(); got["trace_id"] != span.SpanContext().TraceID().String() || got["request_id"] != "r-1" {
			t.Errorf("got %v", got)
		}
	})
}

func Example() {
	provider := sdklog.NewLoggerProvider(sdklog.WithProcessor(sdklog.NewSimpleProcessor(printer{})))
	lines := zapcore.NewCore(zapcore.NewJSONEncoder(zapcore.EncoderConfig{MessageKey: "msg"}), os.Stdout, zap.InfoLevel)

	records := logging.NewCore(otelzap.NewCore("shop", otelzap.WithLoggerProvider(provider)),
		logging.WithContext(), logging.WithScheme(logging.Custom(logging.Keys{RequestID: "request_id"})))
	logger := zap.New(zapcore.NewTee(logging.NewCore(lines), records))

	ctx := trace.ContextWithSpanContext(context.Background(), trace.NewSpanContext(trace.SpanContextConfig{
		TraceID: trace.TraceID{15: 1}, SpanID: trace.SpanID{7: 2},
	}))
	store.NewRequest("r-1").Run(ctx, func(ctx context.Context) {
		logger.Info("paid", logging.Ctx(ctx))
	})
	// Output:
	// {"msg":"paid","request_id":"r-1","trace_id":"00000000000000000000000000000001","span_id":"0000000000000002","trace_flags":"00"}
	// record "paid" of trace 00000000000000000000000000000001, map[request_id:r-1]
}

// printer stands in for a collector.
type printer struct{ *exporter }

func (printer) Export(_ context.Context, records []sdklog.Record) error {
	for _, r := range records {
		fmt.Printf("record %q of trace %s, %v\n", r.Body().AsString(), r.TraceID(), attributes(r))
	}
	return nil
}
