// SPDX-License-Identifier: Apache-2.0

package logging_test

import (
	"context"
	"io"
	"testing"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/asynclocal/asynclocal/logging"
	"github.com/asynclocal/asynclocal/logging/redact"
	"github.com/asynclocal/asynclocal/store"
)

// Each pair is one figure: what a line costs here over the same line by hand.
// Run both in one go:
//
//	go test -run - -bench . -count 6 ./logging

func jsonCore(level zapcore.LevelEnabler) zapcore.Core {
	return zapcore.NewCore(zapcore.NewJSONEncoder(zap.NewProductionEncoderConfig()), zapcore.AddSync(io.Discard), level)
}

var byHand = []zap.Field{
	zap.String("request_id", "4SFXQN2PBVPSNTUYIGS6QQ3JZQ"), zap.String("trace_id", traceA),
	zap.String("span_id", spanA), zap.String("trace_flags", "01"),
}

var five = []zap.Field{
	zap.String("item", "book"), zap.Int("quantity", 2), zap.Bool("paid", true),
	zap.Float64("price", 12.5), zap.String("customer", "c-17"),
}

// inRequest runs f in a request with a span.
func inRequest(b *testing.B, f func(ctx context.Context)) {
	b.Helper()
	b.ReportAllocs()
	ctx := withSpan(context.Background(), b, traceA, spanA)
	store.NewRequest("4SFXQN2PBVPSNTUYIGS6QQ3JZQ").Run(ctx, f)
}

func BenchmarkLine(b *testing.B) {
	hand := append(append([]zap.Field{}, byHand...), five...)
	b.Run("by hand", func(b *testing.B) {
		l := zap.New(jsonCore(zap.InfoLevel))
		inRequest(b, func(context.Context) {
			for b.Loop() {
				l.Info("order placed", hand...)
			}
		})
	})
	b.Run("correlated", func(b *testing.B) {
		l := zap.New(jsonCore(zap.InfoLevel), logging.Correlate())
		inRequest(b, func(context.Context) {
			for b.Loop() {
				l.Info("order placed", five...)
			}
		})
	})
	b.Run("correlated by an explicit context", func(b *testing.B) {
		l := zap.New(jsonCore(zap.InfoLevel), logging.Correlate())
		inRequest(b, func(ctx context.Context) {
			fields := append([]zap.Field{logging.Ctx(ctx)}, five...)
			for b.Loop() {
				l.Info("order placed", fields...)
			}
		})
	})
}

func BenchmarkBelowLevel(b *testing.B) {
	b.Run("plain", func(b *testing.B) {
		l := zap.New(jsonCore(zap.InfoLevel))
		inRequest(b, func(context.Context) {
			for b.Loop() {
				l.Debug("order placed", five...)
			}
		})
	})
	b.Run("correlated", func(b *testing.B) {
		l := zap.New(jsonCore(zap.InfoLevel), logging.Correlate())
		inRequest(b, func(context.Context) {
			for b.Loop() {
				l.Debug("order placed", five...)
			}
		})
	})
}

// As code is written: the fields are made at the call.
func BenchmarkLineAtTheCall(b *testing.B) {
	b.Run("by hand", func(b *testing.B) {
		l := zap.New(jsonCore(zap.InfoLevel))
		inRequest(b, func(context.Context) {
			for b.Loop() {
				l.Info("order placed", zap.String("request_id", "4SFXQN2PBVPSNTUYIGS6QQ3JZQ"), zap.String("trace_id", traceA),
					zap.String("span_id", spanA), zap.String("trace_flags", "01"),
					zap.String("item", "book"), zap.Int("quantity", 2), zap.Bool("paid", true),
					zap.Float64("price", 12.5), zap.String("customer", "c-17"))
			}
		})
	})
	b.Run("correlated", func(b *testing.B) {
		l := zap.New(jsonCore(zap.InfoLevel), logging.Correlate())
		inRequest(b, func(context.Context) {
			for b.Loop() {
				l.Info("order placed", zap.String("item", "book"), zap.Int("quantity", 2), zap.Bool("paid", true),
					zap.Float64("price", 12.5), zap.String("customer", "c-17"))
			}
		})
	})
}

// With everything on, and two fields added to the request.
func BenchmarkLineWithEverything(b *testing.B) {
	b.Run("by hand", func(b *testing.B) {
		hand := append(append([]zap.Field{zap.String("user", "u-1"), zap.String("tenant", "t-1")}, byHand...), five...)
		l := zap.New(jsonCore(zap.InfoLevel))
		inRequest(b, func(context.Context) {
			for b.Loop() {
				l.Info("order placed", hand...)
			}
		})
	})
	b.Run("correlated", func(b *testing.B) {
		l := zap.New(jsonCore(zap.InfoLevel), logging.Correlate(
			logging.WithFlightRecorder(zap.DebugLevel, 100), logging.WithSampleRatio(1), logging.WithRedaction(redact.WithKeys("password"))))
		inRequest(b, func(context.Context) {
			logging.Add(zap.String("user", "u-1"), zap.String("tenant", "t-1"))
			for b.Loop() {
				l.Info("order placed", five...)
			}
		})
	})
}

// A line that the recorder keeps. The request is completed every 100 lines, so
// that what keeping them costs in the end is in the figure.
func BenchmarkKeptLine(b *testing.B) {
	l := zap.New(jsonCore(zap.InfoLevel), logging.Correlate(logging.WithFlightRecorder(zap.DebugLevel, 100)))
	const lines = 100
	b.ReportAllocs()
	ctx := withSpan(context.Background(), b, traceA, spanA)
	for i := 0; i < b.N; i += lines {
		store.NewRequest("4SFXQN2PBVPSNTUYIGS6QQ3JZQ").Run(ctx, func(ctx context.Context) {
			for range lines {
				l.Debug("order placed", five...)
			}
			logging.Complete(ctx, logging.Outcome{})
		})
	}
}
