// SPDX-License-Identifier: Apache-2.0

//go:build !asynclocal_noambient

package inspect_test

import (
	"context"
	"fmt"

	"go.opentelemetry.io/otel"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/asynclocal/asynclocal/logging"
	"github.com/asynclocal/asynclocal/store"
	"github.com/asynclocal/asynclocal/tracing"
)

// What an application does for its requests' work to be shown as a tree: that it is, is tested in
// browsertest/otlptest, with the SDK's exporters.
func Example_work() {
	setUp := func(sdk *sdktrace.TracerProvider, records zapcore.Core) (stop func()) {
		otel.SetTracerProvider(tracing.Wrap(sdk, tracing.WithGoroutines()))
		zap.ReplaceGlobals(zap.New(records, logging.Correlate(logging.WithContext(), logging.WithGoroutines())))
		return tracing.TraceTasks() // spans of bound work
	}

	spans := tracetest.NewSpanRecorder()
	stop := setUp(sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans)), zapcore.NewNopCore())
	defer stop()
	request := store.NewRequest("demo-1")
	ctx, span := tracing.StartRequest(context.Background(), otel.Tracer("shop"), request, "POST /orders")
	request.Run(ctx, func(context.Context) { store.Go(sendReceipt) })
	<-sent
	span.End()
	for _, s := range spans.Started() {
		fmt.Println(s.Name())
	}
	// Output:
	// POST /orders
	// inspect_test.sendReceipt
}

var sent = make(chan bool, 1)

func sendReceipt() { sent <- true }
