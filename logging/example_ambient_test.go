// SPDX-License-Identifier: Apache-2.0

//go:build !asynclocal_noambient

package logging_test

import (
	"context"
	"os"

	"go.opentelemetry.io/otel/trace"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/asynclocal/asynclocal/logging"
	"github.com/asynclocal/asynclocal/store"
)

// plainCore writes lines without a time, for examples to compare.
func plainCore(level zapcore.LevelEnabler) zapcore.Core {
	enc := zap.NewProductionEncoderConfig()
	enc.TimeKey = ""
	return zapcore.NewCore(zapcore.NewJSONEncoder(enc), os.Stdout, level)
}

func Example() {
	logger := zap.New(plainCore(zap.InfoLevel), logging.Correlate())

	charge := func(amount int) { // no ctx, no logger of the request's
		logging.Add(zap.Int("amount", amount))
		logger.Info("charging")
	}

	store.NewRequest("r-1").Run(context.Background(), func(context.Context) {
		charge(42)
		logger.Info("charged")
	})
	logger.Info("between requests")
	// Output:
	// {"level":"info","msg":"charging","request_id":"r-1","amount":42}
	// {"level":"info","msg":"charged","request_id":"r-1","amount":42}
	// {"level":"info","msg":"between requests"}
}

func ExampleCtx() {
	logger := zap.New(plainCore(zap.InfoLevel), logging.Correlate())

	var other context.Context
	store.NewRequest("r-1").Run(context.Background(), func(ctx context.Context) { other = ctx })
	store.NewRequest("r-2").Run(context.Background(), func(context.Context) {
		logger.Info("the goroutine's request")
		logger.Info("the context's request", logging.Ctx(other))
	})
	// Output:
	// {"level":"info","msg":"the goroutine's request","request_id":"r-2"}
	// {"level":"info","msg":"the context's request","request_id":"r-1"}
}

// aSpan is a context with a span.
func aSpan() context.Context {
	return trace.ContextWithSpanContext(context.Background(), trace.NewSpanContext(trace.SpanContextConfig{
		TraceID:    trace.TraceID{0x4b, 0xf9, 0x2f, 0x35, 0x77, 0xb3, 0x4d, 0xa6, 0xa3, 0xce, 0x92, 0x9d, 0x0e, 0x0e, 0x47, 0x36},
		SpanID:     trace.SpanID{0x00, 0xf0, 0x67, 0xaa, 0x0b, 0xa9, 0x02, 0xb7},
		TraceFlags: trace.FlagsSampled,
	}))
}
