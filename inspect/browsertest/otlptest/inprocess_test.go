// SPDX-License-Identifier: Apache-2.0

package otlptest_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/asynclocal/asynclocal/inspect"
	"github.com/asynclocal/asynclocal/logging"
	"github.com/asynclocal/asynclocal/store"
	"github.com/asynclocal/asynclocal/tracing"
	"go.opentelemetry.io/contrib/bridges/otelslog"
	"go.opentelemetry.io/contrib/bridges/otelzap"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlplog/otlploghttp"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// ways are two inspectors that are told the same: one through the SDK's exporters, one directly.
type ways struct {
	otlp, direct string // where they are asked
	insp         *inspect.Inspector
	traces       *sdktrace.TracerProvider
	logs         *sdklog.LoggerProvider
	res          *resource.Resource
}

func newWays(t *testing.T) *ways {
	t.Helper()
	w := &ways{otlp: serve(t), insp: inspect.New(inspect.WithoutToken()), res: resource.NewSchemaless(attribute.String("service.name", "shop"), attribute.Int("replica", 3))}
	srv := httptest.NewServer(w.insp)
	t.Cleanup(srv.Close)
	t.Cleanup(func() { w.insp.Close() })
	w.direct = srv.URL + "/inspect"
	te, err := otlptracehttp.New(t.Context(), otlptracehttp.WithEndpointURL(w.otlp+"/v1/traces"))
	if err != nil {
		t.Fatal(err)
	}
	le, err := otlploghttp.New(t.Context(), otlploghttp.WithEndpointURL(w.otlp+"/v1/logs"))
	if err != nil {
		t.Fatal(err)
	}
	w.traces = sdktrace.NewTracerProvider(sdktrace.WithBatcher(te), sdktrace.WithBatcher(w.insp.SpanExporter()), sdktrace.WithResource(w.res))
	w.logs = sdklog.NewLoggerProvider(sdklog.WithProcessor(sdklog.NewBatchProcessor(le)), sdklog.WithResource(w.res))
	return w
}

func (w *ways) flush(t *testing.T) {
	t.Helper()
	if err := errors.Join(w.traces.Shutdown(t.Context()), w.logs.Shutdown(t.Context())); err != nil {
		t.Fatal(err)
	}
}

// model is what the page is made of: a request's JSON, whole, and the text of it where there is a
// difference.
func model(t *testing.T, url, id string) map[string]any {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+"/api/requests/"+id, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var m map[string]any
	if err := json.NewDecoder(res.Body).Decode(&m); err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s %v", r.URL, res.Status, err)
	}
	delete(m, "seq") // counts exports
	return m
}

func same(t *testing.T, a, b map[string]any) {
	t.Helper()
	for _, key := range slices.Sorted(maps.Keys(a)) {
		if x, y := a[key], b[key]; !reflect.DeepEqual(x, y) {
			t.Errorf("%s\n   OTLP %s\n direct %s", key, text(x), text(y))
		}
	}
	if len(a) != len(b) {
		t.Errorf("keys %v, and directly %v", slices.Sorted(maps.Keys(a)), slices.Sorted(maps.Keys(b)))
	}
}

func text(v any) string {
	b, _ := json.Marshal(v)
	return string(b)
}

func TestSpansAreTheSameThroughOTLPAndDirectly(t *testing.T) {
	t.Parallel()
	w := newWays(t)
	start := time.Now()
	tracer := w.traces.Tracer("orders", trace.WithInstrumentationVersion("1.2.3"), trace.WithInstrumentationAttributes(attribute.Bool("own", true)))
	state, err := trace.ParseTraceState("vendor=value,other=1")
	if err != nil {
		t.Fatal(err)
	}
	remote := trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1}, SpanID: trace.SpanID{2}, TraceFlags: trace.FlagsSampled, TraceState: state, Remote: true})
	ctx, server := tracer.Start(trace.ContextWithRemoteSpanContext(t.Context(), remote), "POST /orders", trace.WithSpanKind(trace.SpanKindServer), trace.WithTimestamp(start),
		trace.WithLinks(trace.Link{SpanContext: trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{9}, SpanID: trace.SpanID{9}}), Attributes: []attribute.KeyValue{attribute.String("why", "retry")}}),
		trace.WithAttributes(attribute.String("request.id", "req-1"), attribute.String("http.request.method", "POST"), attribute.String("http.route", "/orders"), attribute.Int("http.response.status_code", 500)))
	for i, kind := range []trace.SpanKind{trace.SpanKindUnspecified, trace.SpanKindInternal, trace.SpanKindClient, trace.SpanKindProducer, trace.SpanKindConsumer} {
		_, s := w.traces.Tracer(fmt.Sprint("scope ", i%2)).Start(ctx, "span "+kind.String(), trace.WithSpanKind(kind), trace.WithTimestamp(start.Add(time.Duration(i)*time.Millisecond)))
		s.SetAttributes(everyKind()...)
		s.SetAttributes(attribute.String("db.query.text", "SELECT 1"), attribute.String("asynclocal.task.kind", "go"), attribute.Int("thread.id", 7+i))
		s.SetStatus([]codes.Code{codes.Unset, codes.Ok, codes.Error}[i%3], "it failed")
		s.RecordError(errors.New("no such table"), trace.WithStackTrace(i == 2), trace.WithTimestamp(start.Add(time.Duration(i)*time.Millisecond)))
		s.AddEvent("empty", trace.WithTimestamp(start))
		s.End(trace.WithTimestamp(start.Add(10 * time.Millisecond)))
	}
	server.End(trace.WithTimestamp(start.Add(20 * time.Millisecond)))
	w.flush(t)
	a, b := model(t, w.otlp, "req-1"), model(t, w.direct, "req-1")
	if spans, _ := a["spans"].([]any); len(spans) != 6 {
		t.Fatalf("%d spans", len(spans))
	}
	same(t, a, b)
}

// everyKind is one attribute of each type that there is, and those that hold zeros.
func everyKind() []attribute.KeyValue {
	long := strings.Repeat("long ", 100)
	return []attribute.KeyValue{
		attribute.Bool("bool", true), attribute.Bool("false", false), attribute.Int64("int", -5), attribute.Int64("zero", 0), attribute.Int64("large", 1<<62),
		attribute.Float64("float", 1.5), attribute.Float64("none", 0), attribute.String("string", "text ü"), attribute.String("empty", ""), attribute.String("long", long),
		attribute.BoolSlice("bools", []bool{true, false}), attribute.Int64Slice("ints", []int64{0, 1, -1}), attribute.Float64Slice("floats", []float64{0, 2.5}),
		attribute.StringSlice("strings", []string{"", "a", long}), attribute.StringSlice("no strings", nil), attribute.ByteSlice("bytes", []byte{0, 1, 0xff}),
		attribute.Slice("slice", attribute.IntValue(1), attribute.StringValue("two"), attribute.SliceValue(attribute.BoolValue(false)), attribute.Value{}),
		attribute.Map("map", attribute.Int("n", 1), attribute.Map("inner", attribute.String("deep", "er"))),
		{Key: "nothing"},
	}
}

// Lines of zap's, through the bridge and directly: what package logging adds to them is the record's in
// both.
func TestZapLinesAreTheSameThroughOTLPAndDirectly(t *testing.T) {
	t.Parallel()
	w := newWays(t)
	ids := logging.WithScheme(logging.Custom(logging.Keys{RequestID: "request_id"}))
	bridge := logging.NewCore(otelzap.NewCore("", otelzap.WithLoggerProvider(w.logs)), logging.WithContext(), ids)
	direct := logging.NewCore(w.insp.ZapCore(w.res, zap.DebugLevel))
	logger := zap.New(zapcore.NewTee(bridge, direct), zap.AddCaller())
	w.inRequest(t, func(ctx context.Context) {
		logger = logger.With(logging.Ctx(ctx), zap.String("with", "it"))
		logger.Debug("scalars", zap.Bool("b", true), zap.Int("i", -1), zap.Int8("i8", 8), zap.Uint64("u", 1<<63), zap.Uint("small", 7), zap.Float64("f", 0.25), zap.Float32("f32", 0.5),
			zap.Duration("took", time.Second), zap.Time("at", time.Unix(5, 6)), zap.Complex128("c", 1+2i), zap.Binary("bin", []byte{1}), zap.ByteString("bytes", []byte("text")))
		logger.Info("lists", zap.Strings("s", []string{"a", "b"}), zap.Ints("i", []int{1, 2}), zap.Durations("d", []time.Duration{1}), zap.Any("m", map[string]any{"k": []int{1}, "n": nil}), zap.Any("nil", nil))
		logger.Warn("objects", zap.Dict("o", zap.String("a", "b"), zap.Dict("p", zap.Int("q", 1))), zap.Stringer("url", time.Second))
		logger.Named("shop.orders").Error("failed", zap.Error(fmt.Errorf("it: %w", io.ErrUnexpectedEOF)), zap.Namespace("ns"), zap.Int("inside", 1), zap.Namespace("deeper"), zap.Int("inside", 2))
		logger.With(zap.Namespace("of with")).Info("namespace", zap.Int("inside", 1))
	})
	w.flush(t)
	a, b := model(t, w.otlp, "req-1"), model(t, w.direct, "req-1")
	if lines, _ := a["logs"].([]any); len(lines) != 5 {
		t.Fatalf("%d lines", len(lines))
	}
	same(t, a, b)
}

func TestSlogLinesAreTheSameThroughOTLPAndDirectly(t *testing.T) {
	t.Parallel()
	w := newWays(t)
	ids := logging.WithScheme(logging.Custom(logging.Keys{RequestID: "request_id"}))
	bridge := logging.NewHandler(otelslog.NewHandler("", otelslog.WithLoggerProvider(w.logs)), logging.WithContext(), ids)
	logger := slog.New(slog.NewMultiHandler(bridge, logging.NewHandler(w.insp.SlogHandler(w.res, slog.LevelDebug))))
	w.inRequest(t, func(ctx context.Context) {
		logger = logger.With("with", "it")
		logger.DebugContext(ctx, "scalars", "b", true, "i", -1, "u", uint64(1<<63), "f", 0.25, "took", time.Second, "at", time.Unix(5, 6), "bin", []byte{1})
		logger.InfoContext(ctx, "groups", slog.Group("g", "a", 1, slog.Group("h", "b", "c"), slog.Group("none")), slog.Group("", "inline", true), slog.Any("m", map[string]any{"k": []int{1}}))
		logger.Log(ctx, slog.LevelWarn+1, "between levels")
		logger.ErrorContext(ctx, "failed", "err", fmt.Errorf("it: %w", io.ErrUnexpectedEOF))
		logger.WithGroup("outer").With("x", 1).WithGroup("inner").InfoContext(ctx, "in groups", "y", 2)
		logger.WithGroup("unused").InfoContext(ctx, "no attributes")
	})
	w.flush(t)
	a, b := model(t, w.otlp, "req-1"), model(t, w.direct, "req-1")
	if lines, _ := a["logs"].([]any); len(lines) != 6 {
		t.Fatalf("%d lines", len(lines))
	}
	same(t, a, b)
}

// inRequest runs f in a request with a span.
func (w *ways) inRequest(t *testing.T, f func(context.Context)) {
	t.Helper()
	req := store.NewRequest("req-1")
	ctx, span := tracing.StartRequest(t.Context(), tracing.Wrap(w.traces).Tracer("app"), req, "GET /", trace.WithSpanKind(trace.SpanKindServer))
	req.Run(ctx, f)
	span.End()
}
