// SPDX-License-Identifier: Apache-2.0

package blackbox_test

import (
	"context"
	"time"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/asynclocal/asynclocal/blackbox"
	"github.com/asynclocal/asynclocal/store"
)

// What a panic is about to end loses nothing, and a slow request says what the scheduler did.
func ExampleRecordExecution() {
	dir := "/var/lib/shop/traces"

	execution, err := blackbox.RecordExecution(dir, time.Minute)
	if err != nil {
		return // the directory is missing, or another recorder is on
	}
	box := blackbox.New(sdktrace.NewBatchSpanProcessor(tracetest.NewNoopExporter()),
		blackbox.WithSlowThreshold(time.Second), blackbox.WithExecution(execution))
	provider := sdktrace.NewTracerProvider(sdktrace.WithSampler(box.Sampler(nil)), sdktrace.WithSpanProcessor(box))

	store.OnPanic(func(any) { _ = provider.Shutdown(context.Background()) })
}
