// SPDX-License-Identifier: Apache-2.0

package inspect_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/asynclocal/asynclocal/inspect"
	"github.com/asynclocal/asynclocal/logging"
	"github.com/asynclocal/asynclocal/store"
)

// direct is an inspector with a tracer of this process, whose spans are there when they have ended.
func direct(t testing.TB, opts ...inspect.Option) (*inspect.Inspector, trace.Tracer) {
	t.Helper()
	insp := inspect.New(append([]inspect.Option{inspect.WithoutToken()}, opts...)...)
	t.Cleanup(func() { insp.Close() })
	tp := sdktrace.NewTracerProvider(sdktrace.WithSyncer(insp.SpanExporter()), sdktrace.WithResource(shop))
	t.Cleanup(func() { _ = tp.Shutdown(context.Background()) })
	return insp, tp.Tracer("test")
}

var shop = resource.NewSchemaless(attribute.String("service.name", "shop"))

var requestID = trace.WithAttributes(attribute.String("request.id", "req-1"))

// ended ends a span with these attributes and returns its ctx.
func ended(tracer trace.Tracer, name string, opts ...trace.SpanStartOption) context.Context {
	ctx, s := tracer.Start(context.Background(), name, append(opts, requestID)...)
	s.End()
	return ctx
}

func TestSpansAndLinesOfThisProcessAreOneRequest(t *testing.T) {
	t.Parallel()
	insp, tracer := direct(t)
	logger := zap.New(insp.ZapCore(shop, nil), logging.Correlate())
	lines := slog.New(logging.NewHandler(insp.SlogHandler(shop, nil)))
	store.NewRequest("req-1").Run(context.Background(), func(ctx context.Context) {
		ctx, span := tracer.Start(ctx, "GET /", requestID, trace.WithSpanKind(trace.SpanKindServer))
		logger.Info("from zap", logging.Ctx(ctx))
		lines.InfoContext(ctx, "from slog")
		logger.Debug("too low", logging.Ctx(ctx))
		lines.DebugContext(ctx, "too low")
		span.End()
	})
	v := get[view](t, insp, "requests/req-1")
	if len(v.Spans) != 1 || v.Spans[0].Logs != 2 || v.Spans[0].Service != "shop" || len(v.Logs) != 2 {
		t.Fatalf("spans %+v, lines %+v", v.Spans, v.Logs)
	}
	for _, l := range v.Logs {
		if l.SpanID != v.Spans[0].SpanID || l.Service != "shop" || len(l.Attributes) != 1 || l.Attributes["request_id"] != "req-1" {
			t.Errorf("line %+v", l)
		}
	}
}

// A line of no request is counted and not kept, as through OTLP.
func TestLinesOfNoRequestAreCountedAlone(t *testing.T) {
	t.Parallel()
	insp, _ := direct(t)
	zap.New(insp.ZapCore(shop, nil)).Info("of no request")
	slog.New(insp.SlogHandler(shop, nil)).Info("neither")
	if l := get[listing](t, insp, "requests"); l.Stats.IgnoredLogs != 2 || len(l.Requests) != 0 {
		t.Errorf("%+v", l)
	}
}

// The span of a line is what its fields say, else what its context does.
func TestWhichSpanALineIsOf(t *testing.T) {
	t.Parallel()
	const traceID, spanID = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
	ctx := trace.ContextWithSpanContext(context.Background(), trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1}, SpanID: trace.SpanID{2}}))
	for name, c := range map[string]struct {
		fields []zap.Field
		trace  string
		attrs  int // beside the request's id
	}{
		"the fields'":                            {[]zap.Field{zap.String("trace_id", traceID), zap.String("span_id", spanID), zap.String("trace_flags", "01")}, traceID, 0},
		"the context's":                          {[]zap.Field{logging.Ctx(ctx)}, "01000000000000000000000000000000", 0},
		"the fields', though there is a context": {[]zap.Field{logging.Ctx(ctx), zap.String("trace_id", traceID)}, traceID, 0},
		"no span's, by an id that is not one":    {[]zap.Field{zap.String("trace_id", "4bf9"), zap.String("span_id", "x"), zap.String("trace_flags", "100")}, "", 3},
		"no span's, by an id in a namespace":     {[]zap.Field{zap.Namespace("ns"), zap.String("trace_id", traceID)}, "", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			insp, _ := direct(t)
			zap.New(insp.ZapCore(shop, nil)).Info("line", append([]zap.Field{zap.String("request_id", "req-1")}, c.fields...)...)
			v := get[view](t, insp, "requests/req-1")
			if len(v.Logs) != 1 || v.Logs[0].TraceID != c.trace || len(v.Logs[0].Attributes) != 1+c.attrs {
				t.Errorf("%+v, want the trace %q and %d attributes more", v.Logs, c.trace, c.attrs)
			}
		})
	}
}

// hostile values: each costs its field at most.
type (
	panicking struct{}
	blocking  struct{ until chan struct{} }
	nilInside struct{ inner *panicking }
	cyclic    struct{ Next *cyclic }
)

// endless is a group with two of itself in it.
type endless struct{ key string }

func (e endless) LogValue() slog.Value {
	return slog.GroupValue(slog.Any(e.key, e), slog.Any(e.key, e))
}

func (panicking) Error() string                                { panic("hostile") }
func (panicking) String() string                               { panic("hostile") }
func (panicking) MarshalJSON() ([]byte, error)                 { panic("hostile") }
func (panicking) LogValue() slog.Value                         { panic("hostile") }
func (panicking) MarshalLogObject(zapcore.ObjectEncoder) error { panic("hostile") }
func (panicking) MarshalLogArray(zapcore.ArrayEncoder) error   { panic("hostile") }
func (b *blocking) MarshalJSON() ([]byte, error)               { <-b.until; return nil, nil }
func (n *nilInside) Error() string                             { return n.inner.Error() }

func TestHostileValuesCostTheirField(t *testing.T) {
	t.Parallel()
	stuck := &blocking{make(chan struct{})}
	defer close(stuck.until)
	round := &cyclic{}
	round.Next = round
	insp, _ := direct(t)
	zap.New(insp.ZapCore(shop, nil)).Info("line", zap.String("request_id", "req-1"),
		zap.Error(panicking{}), zap.NamedError("other", (*nilInside)(nil)), zap.Stringer("stringer", panicking{}), zap.Object("object", panicking{}), zap.Array("array", panicking{}),
		zap.Inline(panicking{}), zap.Reflect("reflect", panicking{}), zap.Reflect("stuck", stuck), zap.Reflect("cyclic", round), zap.Reflect("func", func() {}), zap.Reflect("chan", make(chan int)),
		zap.Field{Key: "unknown", Type: 250}, zap.Field{Key: "nil", Type: zapcore.ErrorType}, zap.String("last", "is there"))
	slog.New(insp.SlogHandler(shop, nil)).Info("line", "request_id", "req-1", "err", panicking{}, "valuer", slog.AnyValue(panicking{}), slog.Group("g", "valuer", slog.AnyValue(panicking{})),
		"stuck", stuck, "cyclic", round, "func", func() {}, "endless", endless{"key"}, slog.Any("", endless{""}), slog.Group("g", "", endless{""}), "last", "is there")
	v := get[view](t, insp, "requests/req-1")
	if len(v.Logs) != 2 {
		t.Fatalf("%d lines", len(v.Logs))
	}
	for _, l := range v.Logs {
		if l.Attributes["last"] != "is there" {
			t.Errorf("%v", l.Attributes)
		}
	}
}

// Text that is not UTF-8 is mended, where the protobuf library refuses the whole batch.
func TestTextOfThisProcessIsMended(t *testing.T) {
	t.Parallel()
	insp, tracer := direct(t)
	ended(tracer, "a\xffb", trace.WithAttributes(attribute.String("k\xff", "v\xff"), attribute.StringSlice("list", []string{"\xff"})))
	zap.New(insp.ZapCore(shop, nil)).Info("m\xff", zap.String("request_id", "req-1"), zap.String("k\xff", "v\xff"))
	v := get[view](t, insp, "requests/req-1")
	if len(v.Spans) != 1 || v.Spans[0].Name != "a\uFFFDb" || v.Spans[0].Details.Attributes["k\uFFFD"] != "v\uFFFD" {
		t.Errorf("spans %+v", v.Spans)
	}
	if len(v.Logs) != 1 || v.Logs[0].Body != "m\uFFFD" || v.Logs[0].Attributes["k\uFFFD"] != "v\uFFFD" {
		t.Errorf("lines %+v", v.Logs)
	}
}

// Its own requests are left out, for an application may instrument all of its paths.
func TestSpansOfRequestsToTheInspectorAreLeftOut(t *testing.T) {
	t.Parallel()
	insp, tracer := direct(t)
	ended(tracer, "GET /inspect*", trace.WithSpanKind(trace.SpanKindServer), trace.WithAttributes(attribute.String("url.path", "/inspect/api/requests")))
	ended(tracer, "GET /orders", trace.WithSpanKind(trace.SpanKindServer), trace.WithAttributes(attribute.String("url.path", "/orders")))
	if l := get[listing](t, insp, "requests"); len(l.Requests) != 1 || l.Requests[0].Spans != 1 {
		t.Errorf("%+v", l.Requests)
	}
}

// What is held stays within the bound, and a record that is larger than an export may be is refused.
func TestTheBoundsHoldWithinTheProcess(t *testing.T) {
	t.Parallel()
	insp, tracer := direct(t, inspect.WithMaxBytes(1<<20))
	logger := zap.New(insp.ZapCore(shop, nil))
	text := strings.Repeat("x", 4<<10)
	for i := range 400 {
		ctx, s := tracer.Start(context.Background(), "GET /", trace.WithAttributes(attribute.String("text", text)))
		logger.Info(text, logging.Ctx(ctx), zap.Int("i", i))
		s.End()
	}
	l := get[listing](t, insp, "requests?limit=1")
	if l.Held.Bytes > 1<<19 || l.Held.Traces == 0 || l.Stats.Evicted == 0 || l.Stats.Spans != 400 {
		t.Errorf("held %+v, %+v", l.Held, l.Stats)
	}
	many := make([]int, 30_000)
	for name, f := range map[string]zap.Field{"too large": zap.String("large", strings.Repeat("x", 1<<19)), "too many values": zap.Ints("many", many)} {
		core := insp.ZapCore(shop, nil)
		if err := core.Write(zapcore.Entry{Message: "line"}, []zap.Field{zap.String("request_id", "large"), f}); err == nil || !strings.HasPrefix(err.Error(), "inspect: ") {
			t.Errorf("%s: %v", name, err)
		}
	}
	e := insp.SpanExporter()
	_, s := sdktrace.NewTracerProvider().Tracer("").Start(t.Context(), "large", trace.WithAttributes(attribute.String("large", strings.Repeat("x", 1<<19))))
	s.End()
	if err := e.ExportSpans(t.Context(), []sdktrace.ReadOnlySpan{nil, s.(sdktrace.ReadOnlySpan)}); err == nil || !strings.Contains(err.Error(), "WithMaxBody") {
		t.Errorf("%v", err)
	}
	if l := get[listing](t, insp, "requests"); l.Stats.Rejected != 3 {
		t.Errorf("%d rejected", l.Stats.Rejected)
	}
}

func TestShutdownEndsTheExporterAndNothingElse(t *testing.T) {
	t.Parallel()
	insp, tracer := direct(t)
	_, span := tracer.Start(t.Context(), "one", requestID)
	span.End()
	spans := []sdktrace.ReadOnlySpan{span.(sdktrace.ReadOnlySpan)}
	e := insp.SpanExporter()
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if err := errors.Join(e.ExportSpans(gone, spans), e.Shutdown(gone), e.Shutdown(gone), e.ExportSpans(gone, spans)); err != nil {
		t.Error(err)
	}
	ended(tracer, "the other exporter goes on")
	if l := get[listing](t, insp, "requests"); l.Stats.Spans != 3 {
		t.Errorf("%d spans, want one before the end, one before the shutdown, and one after it of another exporter", l.Stats.Spans)
	}
}

// A program closes its inspector before or after its providers: neither is an error.
func TestAClosedInspectorTakesAndReportsNothing(t *testing.T) {
	t.Parallel()
	insp, tracer := direct(t)
	e, core, h := insp.SpanExporter(), insp.ZapCore(nil, nil), insp.SlogHandler(nil, nil)
	insp.Close()
	_, span := tracer.Start(t.Context(), "late")
	span.End()
	r := slog.NewRecord(time.Now(), slog.LevelInfo, "late", 0)
	err := errors.Join(e.ExportSpans(t.Context(), []sdktrace.ReadOnlySpan{span.(sdktrace.ReadOnlySpan)}), core.Write(zapcore.Entry{}, nil), core.Sync(), h.Handle(t.Context(), r))
	if err != nil {
		t.Error(err)
	}
}

// What With was given is the logger's own, however many are made of it at the same time.
func TestLoggersOfOneAreApart(t *testing.T) {
	t.Parallel()
	insp, _ := direct(t)
	base := zap.New(insp.ZapCore(shop, nil)).With(zap.String("request_id", "req-1"), zap.Namespace("ns"), zap.Int("shared", 1))
	lines := slog.New(insp.SlogHandler(shop, nil)).With("request_id", "req-1").WithGroup("ns").With("shared", 1)
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() { base.With(zap.Int("own", i)).Info(fmt.Sprint(i)) })
		wg.Go(func() { lines.With("own", i).Info(fmt.Sprint(i)) })
	}
	wg.Wait()
	v := get[view](t, insp, "requests/req-1")
	if len(v.Logs) != 40 {
		t.Fatalf("%d lines", len(v.Logs))
	}
	for _, l := range v.Logs {
		ns, _ := l.Attributes["ns"].(map[string]any)
		if fmt.Sprint(ns["own"]) != l.Body || ns["shared"] != 1.0 {
			t.Errorf("line %s has %v", l.Body, l.Attributes)
		}
	}
}

// A level can change while it runs, and is what zapcore.LevelOf says.
func TestTheLevelIsTheCallers(t *testing.T) {
	t.Parallel()
	insp, _ := direct(t)
	level := zap.NewAtomicLevelAt(zap.WarnLevel)
	core := insp.ZapCore(shop, level)
	if zapcore.LevelOf(core) != zap.WarnLevel || core.Enabled(zap.InfoLevel) {
		t.Error("not the level that was asked for")
	}
	level.SetLevel(zap.DebugLevel)
	if zapcore.LevelOf(core) != zap.DebugLevel || core.Check(zapcore.Entry{Level: zap.DebugLevel}, nil) == nil {
		t.Error("the level has not changed")
	}
	var slogLevel slog.LevelVar
	h := insp.SlogHandler(shop, &slogLevel)
	slogLevel.Set(slog.LevelError)
	if h.Enabled(t.Context(), slog.LevelWarn) || !h.Enabled(t.Context(), slog.LevelError) {
		t.Error("slog: not the level that was asked for")
	}
}

// Levels that only one of the two loggers has, in OTLP's ranges.
func TestSeverities(t *testing.T) {
	t.Parallel()
	insp, _ := direct(t)
	core := insp.ZapCore(shop, zapcore.Level(-128))
	for _, l := range []zapcore.Level{-100, -2, -1, 0, 1, 2, 3, 4, 5, 6, 100} {
		if err := core.Write(zapcore.Entry{Level: l, Message: "zap"}, []zap.Field{zap.String("request_id", "zap")}); err != nil {
			t.Fatal(err)
		}
	}
	h := insp.SlogHandler(shop, slog.Level(-100))
	for _, l := range []slog.Level{-100, -8, -4, -3, 0, 4, 8, 12, 100} {
		r := slog.NewRecord(time.Time{}, l, "slog", 0)
		r.AddAttrs(slog.String("request_id", "slog"))
		if err := h.Handle(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	for id, want := range map[string]string{"zap": "[1 1 5 9 13 17 21 22 23 23 23]", "slog": "[1 1 5 6 9 13 17 21 24]"} {
		var got []int
		for _, l := range get[view](t, insp, "requests/"+id).Logs {
			got = append(got, l.Level)
		}
		if fmt.Sprint(got) != want {
			t.Errorf("%s: %v, want %s", id, got, want)
		}
	}
}

// Handing a line over must not be what an application waits for.
func TestWhatALineAllocates(t *testing.T) {
	if race {
		t.Skip("the race detector allocates")
	}
	insp, _ := direct(t)
	core := insp.ZapCore(shop, nil)
	ent := zapcore.Entry{Message: "loading", Time: time.Now()}
	fields := []zap.Field{zap.String("request_id", "req-1"), zap.String("order", "7"), zap.Int("n", 1), zap.Duration("took", time.Second)}
	const most = 20
	if n := testing.AllocsPerRun(200, func() {
		if err := core.Write(ent, fields); err != nil {
			t.Fatal(err)
		}
	}); n > most {
		t.Errorf("%v allocations, at most %d", n, most)
	}
}
