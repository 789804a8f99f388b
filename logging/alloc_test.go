// SPDX-License-Identifier: Apache-2.0

//go:build !race

package logging_test

import (
	"context"
	"io"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/log"
	logembedded "go.opentelemetry.io/otel/log/embedded"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/asynclocal/asynclocal/logging"
	"github.com/asynclocal/asynclocal/store"
)

// The fields are made beforehand: the slice of a call's fields is zap's.
func TestLinesDoNotAllocate(t *testing.T) {
	core := zapcore.NewCore(zapcore.NewJSONEncoder(zap.NewProductionEncoderConfig()), zapcore.AddSync(io.Discard), zap.InfoLevel)
	value := []zap.Field{zap.Error(io.EOF), zap.Duration("took", 5), zap.Strings("list", []string{"a"}), zap.Any("at", time.Unix(0, 0))}
	fields := []zap.Field{zap.String("item", "book"), zap.Int("quantity", 2)}
	tests := []struct {
		name string
		core zapcore.Core
		opts []logging.Option
		log  func(l *zap.Logger)
	}{
		{"correlated", core, nil, func(l *zap.Logger) { l.Info("m", fields...) }},
		{"through a tee", zapcore.NewTee(core, core), nil, func(l *zap.Logger) { l.Info("m", fields...) }},
		{"of a scheme that changes the ids", core, []logging.Option{logging.WithScheme(logging.Datadog())},
			func(l *zap.Logger) { l.Info("m", fields...) }},
		{"with every gate", core, []logging.Option{logging.WithFlightRecorder(zap.DebugLevel, 4), logging.WithSampleRatio(1)},
			func(l *zap.Logger) { l.Info("m", fields...) }},
		{"with goroutines", core, []logging.Option{logging.WithGoroutines()}, func(l *zap.Logger) { l.Info("m", fields...) }},
		{"below the level", core, nil, func(l *zap.Logger) { l.Debug("m", fields...) }},
		{"with a value", core, nil, func(l *zap.Logger) { l.Info("m", value...) }},
		{"kept", core, []logging.Option{logging.WithFlightRecorder(zap.DebugLevel, 4)},
			func(l *zap.Logger) { l.Debug("m", fields...) }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := zap.New(tt.core, logging.Correlate(tt.opts...))
			ctx := withSpan(context.Background(), t, traceA, spanA)
			store.NewRequest("r-1").Run(ctx, func(ctx context.Context) {
				l := l.With(logging.Ctx(ctx))
				logging.AddTo(ctx, zap.String("user", "u"))
				if got := testing.AllocsPerRun(1000, func() { tt.log(l) }); got > 0 {
					t.Errorf("%v allocations", got)
				}
			})
		})
	}
}

// A record costs what it costs alone, and one whose ctx has no span, 48 bytes more: for the ctx
// that has.
func TestRecordsHardlyAllocate(t *testing.T) {
	l := logging.WrapProvider(dropping{}).Logger("")
	r := recordOf(log.SeverityInfo, "m", attribute.Int("n", 1))
	store.NewRequest("r-1").Run(withSpan(context.Background(), t, traceA, spanA), func(ctx context.Context) {
		logging.AddTo(ctx, zap.String("user", "u"), zap.Int("amount", 1))
		for name, tt := range map[string]struct {
			ctx  context.Context
			most float64
		}{"with a span in ctx": {ctx, 0}, "without": {context.Background(), 1}} {
			if got := testing.AllocsPerRun(1000, func() { l.Emit(tt.ctx, r) }); got > tt.most {
				t.Errorf("%s: %v allocations, want %v", name, got, tt.most)
			}
		}
	})
}

// dropping is a provider whose only logger drops everything.
type dropping struct{ logembedded.LoggerProvider }

func (dropping) Logger(string, ...log.LoggerOption) log.Logger { return droppingLogger{} }

type droppingLogger struct{ logembedded.Logger }

func (droppingLogger) Enabled(context.Context, log.EnabledParameters) bool { return true }
func (droppingLogger) Emit(context.Context, log.Record)                    {}
