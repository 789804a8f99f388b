// SPDX-License-Identifier: Apache-2.0

package bridgetest_test

import (
	"context"
	"io"
	"testing"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/asynclocal/asynclocal/logging"
	"github.com/asynclocal/asynclocal/store"
	"github.com/asynclocal/asynclocal/tracing"
)

// What a line costs where tracing says which span is active, over the same line
// with the same fields by hand. Run both in one go:
//
//	go test -run - -bench . -count 6 ./logging/bridgetest
func BenchmarkLine(b *testing.B) {
	core := zapcore.NewCore(zapcore.NewJSONEncoder(zap.NewProductionEncoderConfig()), zapcore.AddSync(io.Discard), zap.InfoLevel)
	five := []zap.Field{
		zap.String("item", "book"), zap.Int("quantity", 2), zap.Bool("paid", true),
		zap.Float64("price", 12.5), zap.String("customer", "c-17"),
	}
	tp := tracing.Wrap(sdktrace.NewTracerProvider())
	store.NewRequest("4SFXQN2PBVPSNTUYIGS6QQ3JZQ").Run(context.Background(), func(ctx context.Context) {
		_, span := tp.Tracer("bench").Start(ctx, "span")
		defer span.End()
		sc := span.SpanContext()
		hand := append([]zap.Field{
			zap.String("request_id", "4SFXQN2PBVPSNTUYIGS6QQ3JZQ"), zap.String("trace_id", sc.TraceID().String()),
			zap.String("span_id", sc.SpanID().String()), zap.String("trace_flags", sc.TraceFlags().String()),
		}, five...)
		b.Run("by hand", func(b *testing.B) {
			b.ReportAllocs()
			l := zap.New(core)
			for b.Loop() {
				l.Info("order placed", hand...)
			}
		})
		b.Run("correlated", func(b *testing.B) {
			b.ReportAllocs()
			l := zap.New(core, logging.Correlate())
			for b.Loop() {
				l.Info("order placed", five...)
			}
		})
	})
}
