// SPDX-License-Identifier: Apache-2.0

package logging_test

import (
	"context"
	"reflect"
	"testing"

	"go.uber.org/zap"

	"github.com/asynclocal/asynclocal/logging"
	"github.com/asynclocal/asynclocal/store"
)

func ids(request, trace, span string) object {
	o := object{"level": "info", "msg": "m"}
	if request != "" {
		o["request_id"] = request
	}
	if trace != "" {
		o["trace_id"], o["span_id"], o["trace_flags"] = trace, span, "01"
	}
	return o
}

func with(o object, pairs ...any) object {
	for i := 0; i < len(pairs); i += 2 {
		o[pairs[i].(string)] = pairs[i+1]
	}
	return o
}

func without(o object, keys ...string) object {
	for _, k := range keys {
		delete(o, k)
	}
	return o
}

// Every row logs one line from inside request r-1, with span A in its context; b
// is a context of request r-2 with span B.
func TestALineSaysWhomItBelongsTo(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		ambient bool // needs the ambient half
		log     func(l *zap.Logger, a, b context.Context)
		want    object
	}{
		{"the goroutine's request and span", true, func(l *zap.Logger, _, _ context.Context) {
			l.Info("m")
		}, ids("r-1", traceA, spanA)},
		{"a goroutine that was started in it", true, func(l *zap.Logger, _, _ context.Context) {
			done := make(chan struct{})
			go func() { defer close(done); l.Info("m") }()
			<-done
		}, ids("r-1", traceA, spanA)},
		{"outside every request", true, func(l *zap.Logger, _, _ context.Context) {
			store.Exit(func() { l.Info("m") })
		}, ids("", "", "")},
		{"an explicit context", false, func(l *zap.Logger, _, b context.Context) {
			l.Info("m", logging.Ctx(b))
		}, ids("r-2", traceB, spanB)},
		{"a context as any other field", false, func(l *zap.Logger, _, b context.Context) {
			l.Info("m", zap.Any("c", b))
		}, ids("r-2", traceB, spanB)},
		{"a reflected context", false, func(l *zap.Logger, _, b context.Context) {
			l.Info("m", zap.Reflect("c", b))
		}, ids("r-2", traceB, spanB)},
		{"of two contexts the last", false, func(l *zap.Logger, a, b context.Context) {
			l.Info("m", logging.Ctx(a), logging.Ctx(b))
		}, ids("r-2", traceB, spanB)},
		{"a nil context is none", true, func(l *zap.Logger, _, _ context.Context) {
			l.Info("m", logging.Ctx(nil))
		}, ids("r-1", traceA, spanA)},
		{"a context bound by With", false, func(l *zap.Logger, _, b context.Context) {
			l.With(logging.Ctx(b)).Info("m")
		}, ids("r-2", traceB, spanB)},
		{"a bound context, replaced", false, func(l *zap.Logger, a, b context.Context) {
			l.With(logging.Ctx(b)).With(logging.Ctx(a)).Info("m")
		}, ids("r-1", traceA, spanA)},
		{"the line's context over the bound one", false, func(l *zap.Logger, a, b context.Context) {
			l.With(logging.Ctx(a)).Info("m", logging.Ctx(b))
		}, ids("r-2", traceB, spanB)},
		{"a context of a span alone, in the goroutine's request", true, func(l *zap.Logger, _, _ context.Context) {
			l.Info("m", logging.Ctx(withSpan(context.Background(), t, traceB, spanB)))
		}, ids("r-1", traceB, spanB)},
		{"a context that carries nothing", true, func(l *zap.Logger, _, _ context.Context) {
			l.Info("m", logging.Ctx(context.Background()))
		}, ids("r-1", traceA, spanA)},
		{"another request's context without a span has not ours", true, func(l *zap.Logger, _, _ context.Context) {
			var c context.Context
			store.NewRequest("r-3").Run(context.Background(), func(ctx context.Context) { c = ctx })
			l.Info("m", logging.Ctx(c))
		}, ids("r-3", "", "")},
		{"the request id by hand", false, func(l *zap.Logger, a, _ context.Context) {
			l.Info("m", logging.Ctx(a), zap.String("request_id", "mine"))
		}, ids("mine", traceA, spanA)},
		{"the span id by hand", false, func(l *zap.Logger, a, _ context.Context) {
			l.Info("m", logging.Ctx(a), zap.String("span_id", "mine"))
		}, ids("r-1", traceA, "mine")},
		{"a trace id by hand: our span is not one of that trace", false, func(l *zap.Logger, a, _ context.Context) {
			l.Info("m", logging.Ctx(a), zap.String("trace_id", "mine"))
		}, without(ids("r-1", "mine", ""), "span_id", "trace_flags")},
		{"by hand to With", false, func(l *zap.Logger, a, _ context.Context) {
			l.With(zap.String("request_id", "mine")).Info("m", logging.Ctx(a))
		}, ids("mine", traceA, spanA)},
		{"by hand to With twice", false, func(l *zap.Logger, a, _ context.Context) {
			l.With(zap.String("request_id", "first")).With(zap.String("request_id", "last")).Info("m", logging.Ctx(a))
		}, ids("last", traceA, spanA)},
		{"by hand to With and on the line", false, func(l *zap.Logger, a, _ context.Context) {
			l.With(zap.String("request_id", "first")).Info("m", logging.Ctx(a), zap.String("request_id", "line"))
		}, ids("line", traceA, spanA)},
		{"a namespace on the line", false, func(l *zap.Logger, a, _ context.Context) {
			l.Info("m", logging.Ctx(a), zap.Namespace("n"), zap.String("trace_id", "nested"))
		}, with(ids("r-1", traceA, spanA), "n", object{"trace_id": "nested"})},
		{"a namespace by With", false, func(l *zap.Logger, a, _ context.Context) {
			l.With(zap.Int("x", 1), zap.Namespace("n"), zap.Int("y", 2)).With(zap.Int("z", 3)).
				Info("m", logging.Ctx(a), zap.String("trace_id", "nested"))
		}, with(ids("r-1", traceA, spanA), "x", 1.0, "n", object{"y": 2.0, "z": 3.0, "trace_id": "nested"})},
		{"a correlated core inside a correlated logger", false, func(l *zap.Logger, a, _ context.Context) {
			l.WithOptions(logging.Correlate(), logging.Correlate()).Info("m", logging.Ctx(a))
		}, ids("r-1", traceA, spanA)},
		{"a correlated core under somebody else's wrapper", false, func(l *zap.Logger, a, _ context.Context) {
			l.WithOptions(zap.Hooks(), logging.Correlate()).Info("m", logging.Ctx(a))
		}, ids("r-1", traceA, spanA)},
		{"options on a correlated core replace its own", false, func(l *zap.Logger, a, _ context.Context) {
			l.WithOptions(logging.Correlate(logging.WithScheme(logging.ECS()))).Info("m", logging.Ctx(a))
		}, object{"level": "info", "msg": "m", "http.request.id": "r-1", "trace.id": traceA, "span.id": spanA}},
		{"fields of the line stay", false, func(l *zap.Logger, a, _ context.Context) {
			l.Named("n").With(zap.Int("x", 1)).Sugar().Infow("m", "y", 2, logging.Ctx(a))
		}, with(ids("r-1", traceA, spanA), "logger", "n", "x", 1.0, "y", 2.0)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if tt.ambient && !store.Ambient() {
				t.Skip("without the ambient half")
			}
			var s sink
			l := zap.New(s.core(zap.InfoLevel), logging.Correlate())
			var b context.Context
			store.NewRequest("r-2").Run(withSpan(context.Background(), t, traceB, spanB), func(ctx context.Context) { b = ctx })
			store.NewRequest("r-1").Run(withSpan(context.Background(), t, traceA, spanA), func(a context.Context) { tt.log(l, a, b) })
			if got := s.lines(t); len(got) != 1 || !reflect.DeepEqual(got[0], tt.want) {
				t.Errorf("got  %s\nwant %v", s.raw(), tt.want)
			}
		})
	}
}
