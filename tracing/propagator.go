// SPDX-License-Identifier: Apache-2.0

package tracing

import (
	"context"

	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"github.com/asynclocal/asynclocal/internal/propagators"
)

// Propagator returns a propagator for W3C Trace Context, Level 2, and W3C Baggage. It does what
// [propagation.TraceContext] and [propagation.Baggage] do together, and follows the specification
// strictly where those are lenient or lose something:
//
//   - A traceparent that is repeated or malformed counts as absent: Extract leaves the span context of
//     ctx alone, and the next span starts a new trace. Flags that this version does not know are
//     ignored; the sampled and the random-trace-id flag are kept.
//   - Repeated tracestate fields are one list, in the order they came. If the list is malformed or has
//     more than 32 members with different keys, it is dropped whole, and traceparent is kept. Of two
//     members with one key the first counts. If a list has more than 512 characters, not counting
//     optional whitespace, as few members as possible are removed: from the end, those of more than
//     128 characters first. Empty members are skipped.
//   - Every tracestate key of Level 2 arrives at the next hop. [trace.TraceState] holds only keys of
//     Level 1 (a letter first, "@" in tenant@system alone); the others travel in the context that
//     Extract returns, invisible to TraceState, and Inject puts them back in their places. A context
//     built otherwise, from the bare span context, does not have them.
//   - Repeated baggage fields are one list. The leading members within 180 list members, 64 valid
//     members and 8192 bytes are read; a malformed member is skipped, its neighbors are not. Of two
//     members with one key the last counts.
//   - If the span has no tracestate, Inject removes one that an earlier hop left in the carrier, so
//     that one trace never travels with the state of another.
//
// Names are written in lower case, through the carrier's Set, and read in any case. Repeated fields
// are seen if the carrier is a [propagation.ValuesGetter], as [propagation.HeaderCarrier] is; a
// carrier that only has Get shows its first value. A name that the carrier holds in two spellings,
// neither of them the one that Set writes, counts as absent, because a map has no order to join
// them in.
//
// Bad input counts as absent; it never causes an error, a log line or a panic. If nothing is
// extracted, Extract returns the ctx passed in; a nil ctx counts as [context.Background]. The
// specifications do not limit whom to trust: on a public endpoint, make the remote span a link and
// drop the baggage.
//
// The propagator has no state, is safe for concurrent use, and composes with others in
// [propagation.NewCompositeTextMapPropagator].
//
// Sources: https://www.w3.org/TR/trace-context-2/ ("Traceparent Header", "Tracestate Header" and the two
// sections on mutating them) and https://www.w3.org/TR/baggage/.
func Propagator() propagation.TextMapPropagator { return propagator{} }

// OnlyPropagator returns p in a form that is used alone once it is the global propagator. By
// default, middleware, [Transport] and package jobs add W3C's headers to those of the global
// propagator. With this one they add nothing, so W3C's headers are used only if p has them. A
// process with OTEL_PROPAGATORS=b3, or none, then uses just that:
//
//	otel.SetTextMapPropagator(tracing.OnlyPropagator(b3.New()))
//
// Package telemetry of this repository does that for the variable. p itself does not change.
// Anything else that is given the result uses it as it is. A nil p panics.
func OnlyPropagator(p propagation.TextMapPropagator) propagation.TextMapPropagator {
	if p == nil {
		panic("tracing: OnlyPropagator of a nil propagator; give propagation.NewCompositeTextMapPropagator() for none")
	}
	return propagators.Only{TextMapPropagator: p}
}

type propagator struct{}

// Inject writes the span and the baggage of ctx into carrier. Without a valid span it writes no
// traceparent; without baggage it writes no baggage. A nil carrier is left alone.
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

// Fields returns the names that Inject may write.
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
	// Only now: with no traceparent to belong to, tracestate must not be read.
	state, received := parseTracestate(in.values(&tracestate))
	config.TraceState = state
	ctx = withReceived(ctx, config.TraceID, received)
	return trace.ContextWithRemoteSpanContext(ctx, trace.NewSpanContext(config))
}
