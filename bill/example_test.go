// SPDX-License-Identifier: Apache-2.0

//go:build !asynclocal_noambient

package bill_test

import (
	"context"
	"fmt"

	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/asynclocal/asynclocal/bill"
	"github.com/asynclocal/asynclocal/store"
	"github.com/asynclocal/asynclocal/tracing"
)

func Example() {
	sdk := sdktrace.NewTracerProvider(sdktrace.WithSampler(sdktrace.NeverSample()))

	provider := tracing.Wrap(sdk, tracing.WithBill())

	// What an instrumented driver does, in a loop that forgot to ask once.
	find := func(id int) {
		_, span := provider.Tracer("sql").Start(context.Background(), "query", trace.WithSpanKind(trace.SpanKindClient),
			trace.WithAttributes(attribute.String("db.query.text", fmt.Sprint("SELECT title FROM books WHERE id = ", id))))
		span.End()
	}
	store.NewRequest("r-7").Run(context.Background(), func(context.Context) {
		for id := range 12 {
			find(id)
		}
		sum := bill.Read()
		fmt.Println(sum.Statements, "statements")
		for _, r := range sum.Repeated {
			fmt.Println(r.Count, "times", r.Shape)
		}
	})
	// Output:
	// 12 statements
	// 12 times SELECT title FROM books WHERE id = ?
}

func ExampleExpectRepeats() {
	sdk := sdktrace.NewTracerProvider(sdktrace.WithSampler(sdktrace.NeverSample()))
	provider := tracing.Wrap(sdk, tracing.WithBill())
	warm := func(key string) {
		_, span := provider.Tracer("sql").Start(context.Background(), "query", trace.WithSpanKind(trace.SpanKindClient),
			trace.WithAttributes(attribute.String("db.query.text", fmt.Sprintf("UPDATE cache SET warm = 1 WHERE key = '%s'", key))))
		span.End()
	}
	keys := []string{"a", "b", "c", "d", "e", "f"}

	store.NewRequest("r-7").Run(context.Background(), func(context.Context) {
		bill.ExpectRepeats(func() {
			for _, key := range keys {
				warm(key) // one statement each, so that none of them locks much
			}
		})
		sum := bill.Read()
		fmt.Println(sum.Statements, "statements,", len(sum.Repeated), "repeated")
	})
	// Output: 6 statements, 0 repeated
}
