// SPDX-License-Identifier: Apache-2.0

package tracing_test

import (
	"context"
	"fmt"
	"testing"

	"go.opentelemetry.io/otel/baggage"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"github.com/asynclocal/asynclocal/tracing"
)

func TestFilterBaggage(t *testing.T) {
	t.Parallel()
	const parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	tests := []struct{ name, had, sent, want string }{
		{"what is kept comes in", "", "tenant=acme", "tenant=acme"},
		{"what is not stays out", "", "tenant=acme,other=1", "tenant=acme"},
		{"nothing comes in", "", "other=1", ""},
		{"nothing was sent", "", "", ""},
		{"what was there gives way", "tenant=before,local=1", "tenant=acme", "tenant=acme"},
		{"what was there stays where nothing comes in", "local=1", "other=1", "local=1"},
		{"what was there stays where nothing was sent", "local=1", "", "local=1"},
	}
	p := tracing.FilterBaggage(tracing.Propagator(), func(m baggage.Member) bool { return m.Key() == "tenant" })
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			had, err := baggage.Parse(tt.had)
			if err != nil {
				t.Fatal(err)
			}
			carrier := propagation.MapCarrier{"traceparent": parent}
			if tt.sent != "" {
				carrier["baggage"] = tt.sent
			}
			ctx := p.Extract(baggage.ContextWithBaggage(bg(), had), carrier)
			if got := baggage.FromContext(ctx).String(); got != tt.want {
				t.Errorf("baggage %q, want %q", got, tt.want)
			}
			if !trace.SpanContextFromContext(ctx).IsValid() {
				t.Error("the trace was lost")
			}
			out := propagation.MapCarrier{}
			p.Inject(ctx, out)
			if out["baggage"] != tt.want || out["traceparent"] == "" {
				t.Errorf("sent on: %v", out)
			}
		})
	}
}

func TestFilterBaggageWithoutAFunction(t *testing.T) {
	t.Parallel()
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	tracing.FilterBaggage(tracing.Propagator(), nil)
}

func ExampleFilterBaggage() {
	p := tracing.FilterBaggage(tracing.Propagator(), func(m baggage.Member) bool {
		return m.Key() == "tenant"
	})
	ctx := p.Extract(context.Background(), propagation.MapCarrier{"baggage": "tenant=acme,session=4711"})
	fmt.Println(baggage.FromContext(ctx))
	// Output: tenant=acme
}
