// SPDX-License-Identifier: Apache-2.0

//go:build !asynclocal_noambient

package tracing_test

import (
	"context"
	"errors"
	"fmt"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/log"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/asynclocal/asynclocal/internal/recordtest"
	"github.com/asynclocal/asynclocal/store"
	"github.com/asynclocal/asynclocal/tracing"
)

// said is a SpanProcessor that prints the attributes of each span that ends.
type said struct{ printer }

func (said) OnStart(context.Context, sdktrace.ReadWriteSpan) {}

func (said) OnEnd(s sdktrace.ReadOnlySpan) {
	fmt.Print(s.Name(), ":")
	for _, a := range s.Attributes() {
		if a.Key != tracing.RequestIDKey {
			fmt.Printf(" %s=%s", a.Key, a.Value.String())
		}
	}
	fmt.Println()
}

func ExampleRequestSpan() {
	tracer := tracing.Wrap(sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(said{}))).Tracer("shop")
	price := func(ctx context.Context) {
		_, span := tracer.Start(ctx, "price")
		defer span.End()
		span.SetAttributes(attribute.Int("price.rules", 3))
		tracing.RequestSpan().SetAttributes(attribute.String("cart.currency", "EUR"))
	}
	// What middleware and jobs do:
	r := store.NewRequest("r-1")
	ctx, span := tracing.StartRequest(context.Background(), tracer, r, "POST /orders", trace.WithSpanKind(trace.SpanKindServer))
	r.Run(ctx, price)
	span.End()
	// Output:
	// price: price.rules=3
	// POST /orders: cart.currency=EUR
}

func ExampleWithExceptionLogs() {
	records := new(recordtest.Collector)
	var logs log.LoggerProvider = records
	provider := tracing.Wrap(sdktrace.NewTracerProvider(), tracing.WithExceptionLogs(logs))

	_, span := provider.Tracer("shop").Start(context.Background(), "checkout")
	defer span.End()
	_ = tracing.Do("charge", func() error { return errors.New("card declined") })

	for _, r := range records.Records() {
		fmt.Println(r.EventName(), r.Severity(), r.Attributes()["exception.message"])
	}
	// Output: exception WARN card declined
}
