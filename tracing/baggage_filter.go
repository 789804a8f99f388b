// SPDX-License-Identifier: Apache-2.0

package tracing

import (
	"context"

	"go.opentelemetry.io/otel/baggage"
	"go.opentelemetry.io/otel/propagation"
)

// FilterBaggage returns a propagator that does what p does, but lets in only the baggage members
// that keep returns true for. Outgoing baggage is up to p, and for HTTP to [WithBaggageTo]. If
// nothing is let in, ctx keeps the baggage that it had.
//
// keep is called for each member of each message, must be safe for concurrent use, and should look
// at the key first: keys and values come from the network. A nil p and a nil keep panic.
func FilterBaggage(p propagation.TextMapPropagator, keep func(baggage.Member) bool) propagation.TextMapPropagator {
	if keep == nil {
		panic("tracing: FilterBaggage with a nil function; give it one that says which members to let in")
	}
	if p == nil {
		panic("tracing: FilterBaggage of a nil propagator; give it tracing.Propagator()")
	}
	return baggageFilter{p, keep}
}

type baggageFilter struct {
	propagation.TextMapPropagator
	keep func(baggage.Member) bool
}

// Extract implements propagation.TextMapPropagator.
func (f baggageFilter) Extract(ctx context.Context, carrier propagation.TextMapCarrier) context.Context {
	if ctx == nil {
		ctx = context.Background()
	}
	had := baggage.FromContext(ctx)
	if had.Len() > 0 {
		// Otherwise the baggage that ctx had would look as if it had come in.
		ctx = baggage.ContextWithoutBaggage(ctx)
	}
	ctx = f.TextMapPropagator.Extract(ctx, carrier)
	came := baggage.FromContext(ctx)
	let := came
	for _, m := range came.Members() {
		if !f.keep(m) {
			let = let.DeleteMember(m.Key())
		}
	}
	switch {
	case let.Len() > 0:
		had = let
	case came.Len() == 0 && had.Len() == 0:
		return ctx
	}
	return baggage.ContextWithBaggage(ctx, had)
}
