// SPDX-License-Identifier: Apache-2.0

package tracing

import (
	"context"

	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"github.com/asynclocal/asynclocal/internal/propagators"
)

// Propagator returns a propagator for W3C Trace Context, Level 2, and W3C Baggage.
// It is what [propagation.TraceContext] and [propagation.Baggage] are together, held to the letter of
// the specification where those are lenient or lose something:
//
//   - A traceparent that is repeated or malformed is not there: Extract leaves the span context of ctx
//     alone, and the next span starts a new trace. Flags this version does not know are ignored, not
//     an error; the sampled and the random-trace-id flag are kept.
//   - Repeated tracestate fields are one list, in the order they came. The list is dropped whole, and
//     traceparent kept, where it is malformed or has more than 32 members with different keys. Of two
//     members with one key the first counts. Of a list of more than 512 characters, optional whitespace
//     not counted, as few members as can be are removed: from the end, those of more than 128
//     characters first. Empty members are skipped.
//   - Every tracestate key of Level 2 arrives at the next hop. [trace.TraceState] holds those of Level 1
//     only (a letter first, "@" in tenant@system alone); the others travel in the context that Extract
//     returns, unseen by TraceState, and Inject puts them back in their places. A context built
//     otherwise, from the bare span context, does not have them.
//   - Repeated baggage fields are one list. Of it, the leading members within 180 list members, 64
//     valid members and 8192 bytes are read; a malformed member is absent, its neighbours are not. Of
//     two members with one key the last counts.
//   - Inject removes a tracestate that an earlier hop left in the carrier when the span has none, so
//     that one trace never travels with the state of another.
//
// Names are written in lower case, through the carrier's Set, and read in any case. Repeated fields are
// seen where the carrier is a [propagation.ValuesGetter], as [propagation.HeaderCarrier] is; a carrier
// that only has Get shows its first value. A name the carrier holds in two spellings, neither being the
// one Set writes, is not there, because a map has no order to join them in.
//
// Bad input is absence, never an error, a log line or a panic. Nothing extracted means the ctx passed in
// comes back as it is; a nil ctx counts as [context.Background]. The specifications set no bound on who
// may be believed: on a public endpoint, make the remote span a link and drop the baggage.
//
// The propagator has no state, is safe for concurrent use, and composes with others in
// [propagation.NewCompositeTextMapPropagator].
//
// Sources: https://www.w3.org/TR/trace-context-2/ ("Traceparent Header", "Tracestate Header" and the two
// sections on mutating them) and https://www.w3.org/TR/baggage/.
func Propagator() propagation.TextMapPropagator { return propagator{} }

// OnlyPropagator returns p as the one that is used alone, once it is the global propagator: middleware,
// [Transport] and package jobs, which by default add W3C's headers to those of the global one, then leave
// them out unless p has them. So a process that is told OTEL_PROPAGATORS=b3, or none, does as it is told:
//
//	otel.SetTextMapPropagator(tracing.OnlyPropagator(b3.New()))
//
// Package telemetry of this repository does that for the variable. p itself is not changed, and anything that is
// given it otherwise uses it as it is. A nil p panics.
func OnlyPropagator(p propagation.TextMapPropagator) propagation.TextMapPropagator {
	if p == nil {
		panic("tracing: OnlyPropagator of a nil propagator; give propagation.NewCompositeTextMapPropagator() for none")
	}
	return propagators.Only{TextMapPropagator: p}
}

type propagator struct{}

// Inject writes the span and the baggage of ctx into carrier. Without a valid span it writes no
// traceparent, without baggage no baggage. A nil carrier is left alone.
func (propagator) Inject(ctx context.Context, carrier propagation.TextMapCarrier) {
	if ctx == nil || carrier == nil {
		return
	}
	injectTraceContext(ctx, carrier)
	injectBaggage(ctx, carrier)
}

// Extract returns ctx with the span context and the baggage that carrier holds.
func (propagator) Extract(ctx context.Context, carrier propagation.TextMapCarrier) context.Context {
	if ctx == nil {
		ctx = context.Background()
	}
	if carrier == nil {
		return ctx
	}
	in := carrierReader{carrier: carrier}
	return extractBaggage(extractTraceContext(ctx, &in), &in)
}

// Fields returns the names Inject may write.
func (propagator) Fields() []string {
	return []string{traceparent.name, tracestate.name, baggageField.name}
}

func injectTraceContext(ctx context.Context, carrier propagation.TextMapCarrier) {
	sc := trace.SpanContextFromContext(ctx)
	if !sc.IsValid() {
		return
	}
	writeField(carrier, &traceparent, formatTraceparent(sc))
	if state := outgoingTracestate(ctx, sc); state != "" {
		writeField(carrier, &tracestate, state)
	} else {
		removeField(carrier, &tracestate)
	}
}

func extractTraceContext(ctx context.Context, in *carrierReader) context.Context {
	fields := in.values(&traceparent)
	if len(fields) != 1 {
		return ctx
	}
	config, ok := parseTraceparent(fields[0])
	if !ok {
		return ctx
	}
	// Only now: with no traceparent to belong to, a tracestate must not be looked at.
	state, received := parseTracestate(in.values(&tracestate))
	config.TraceState = state
	ctx = withReceived(ctx, config.TraceID, received)
	return trace.ContextWithRemoteSpanContext(ctx, trace.NewSpanContext(config))
}
