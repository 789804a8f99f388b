// SPDX-License-Identifier: Apache-2.0

//go:build !asynclocal_noambient

package tracing_test

import (
	"context"
	"fmt"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/asynclocal/asynclocal/store"
	"github.com/asynclocal/asynclocal/tracing"
)

// mail is work that a request binds. It knows nothing of tracing.
func mail() {}

func ExampleTraceTasks() {
	stop := tracing.TraceTasks()
	defer stop()

	tracer := tracing.Wrap(newPrinter()).Tracer("server")
	request := store.NewRequest("r1")
	ctx, span := tracing.StartRequest(context.Background(), tracer, request, "handle")
	request.Run(ctx, func(context.Context) {
		_, span := tracer.Start(context.Background(), "place order")
		callback := store.Bind(mail)
		span.End()
		callback()
	})
	span.End()
	// Output:
	// place order is a child of handle
	// tracing_test.mail is a child of place order
	// handle is a root
}

func ExampleWithTaskFilter() {
	stop := tracing.TraceTasks(tracing.WithTaskFilter(func(t store.Task) bool {
		return t.Kind != store.KindBind // callbacks, of which there are thousands
	}))
	defer stop()

	tracer := tracing.Wrap(newPrinter()).Tracer("server")
	request := store.NewRequest("r1")
	ctx, span := tracing.StartRequest(context.Background(), tracer, request, "handle")
	request.Run(ctx, func(context.Context) {
		store.Bind(mail)()
		store.NewResource("mailbox").Run(mail)
	})
	span.End()
	// Output:
	// tracing_test.mail is a child of handle
	// handle is a root
}

func ExampleWithGoroutines() {
	spans := tracetest.NewSpanRecorder()
	sdk := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans))
	provider := tracing.Wrap(sdk, tracing.WithGoroutines())

	done := make(chan struct{})
	go func() {
		defer close(done)
		_, span := provider.Tracer("app").Start(context.Background(), "refresh cache")
		span.End()
	}()
	<-done
	for _, a := range spans.Ended()[0].Attributes() {
		if a.Key == "thread.name" {
			fmt.Println(a.Value.AsString())
		}
	}
	// Output:
	// tracing_test.ExampleWithGoroutines.func1
}
