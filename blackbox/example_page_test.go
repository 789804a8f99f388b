// SPDX-License-Identifier: Apache-2.0

package blackbox_test

import (
	"context"
	"fmt"
	"os"
	"time"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/asynclocal/asynclocal/blackbox"
	"github.com/asynclocal/asynclocal/store"
)

// What a panic is about to end loses nothing, and a slow request says what the scheduler did.
func ExampleRecordExecution() {
	dir, err := os.MkdirTemp("", "traces") // in a server, one that stays
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = os.RemoveAll(dir) }()

	execution, err := blackbox.RecordExecution(dir, time.Minute)
	if err != nil {
		fmt.Println(err) // the directory is missing, or another recorder is on
		return
	}
	box := blackbox.New(sdktrace.NewBatchSpanProcessor(tracetest.NewNoopExporter()),
		blackbox.WithSlowThreshold(time.Second), blackbox.WithExecution(execution))
	provider := sdktrace.NewTracerProvider(sdktrace.WithSampler(box.Sampler(nil)), sdktrace.WithSpanProcessor(box))

	store.OnPanic(func(any) { _ = provider.Shutdown(context.Background()) })

	defer store.OnPanic(nil)

	// A request that the process ends in the middle of.
	ctx, _ := provider.Tracer("shop").Start(context.Background(), "POST /orders")
	_, step := provider.Tracer("shop").Start(ctx, "reserve")
	step.End()
	fmt.Println("spans held:", box.Stats().Held)
	_ = provider.Shutdown(context.Background())
	fmt.Println("traces exported:", box.Stats().Exported)
	// Output:
	// spans held: 1
	// traces exported: 1
}
