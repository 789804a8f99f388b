// SPDX-License-Identifier: Apache-2.0

package blackbox_test

import (
	"context"
	"fmt"
	"time"

	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/asynclocal/asynclocal/blackbox"
)

func Example() {
	exporter := tracetest.NewInMemoryExporter()

	box := blackbox.New(sdktrace.NewSimpleSpanProcessor(exporter), blackbox.WithSlowThreshold(time.Second))
	provider := sdktrace.NewTracerProvider(sdktrace.WithSampler(box.Sampler(nil)), sdktrace.WithSpanProcessor(box))

	tracer := provider.Tracer("shop")
	for _, order := range []string{"7", "8"} {
		ctx, request := tracer.Start(context.Background(), "order "+order)
		_, query := tracer.Start(ctx, "query "+order)
		query.End()
		if order == "8" {
			request.SetStatus(codes.Error, "sold out")
		}
		request.End()
	}

	for _, s := range exporter.GetSpans() {
		fmt.Println(s.Name)
	}
	_ = provider.Shutdown(context.Background())
	// Output:
	// query 8
	// order 8
}
