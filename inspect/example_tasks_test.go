// SPDX-License-Identifier: Apache-2.0

package inspect_test

import (
	"go.opentelemetry.io/otel"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/asynclocal/asynclocal/logging"
	"github.com/asynclocal/asynclocal/tracing"
)

// What an application does for its requests' work to be shown as a tree: that it is, is tested in
// browsertest/otlptest, with the SDK's exporters.
func Example_work() {
	setUp := func(sdk *sdktrace.TracerProvider, records zapcore.Core) (stop func()) {
		otel.SetTracerProvider(tracing.Wrap(sdk, tracing.WithGoroutines()))
		zap.ReplaceGlobals(zap.New(records, logging.Correlate(logging.WithContext(), logging.WithGoroutines())))
		return tracing.Tasks() // spans of bound work
	}
	_ = setUp
}
