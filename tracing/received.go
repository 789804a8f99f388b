// SPDX-License-Identifier: Apache-2.0

package tracing

import (
	"context"
	"slices"
	"strings"

	"go.opentelemetry.io/otel/trace"
)

// received is a tracestate with keys that trace.TraceState refuses: Level 2 of the specification
// allows them, OpenTelemetry's type implements Level 1. Such a list is kept in the context, beside
// the span context, from Extract to Inject. Dropping those members would cut other vendors' traces,
// dropping the list would cut every vendor's; writing them into TraceState under a made-up key
// would show in every exported span.
type received struct {
	traceID trace.TraceID
	members []member
}

type receivedKey struct{}

// withReceived keeps members for the trace. If members is empty, it hides what an earlier Extract
// left in ctx, which would otherwise come back if the two messages belong to one trace.
func withReceived(ctx context.Context, traceID trace.TraceID, members []member) context.Context {
	if len(members) == 0 && ctx.Value(receivedKey{}) == nil {
		return ctx
	}
	return context.WithValue(ctx, receivedKey{}, &received{traceID, members})
}

// outgoingTracestate returns the list to send on with sc: the state of sc, with the members it
// could not hold. They go only with their trace: a new trace sends nothing of the old one.
func outgoingTracestate(ctx context.Context, sc trace.SpanContext) string {
	r, ok := ctx.Value(receivedKey{}).(*received)
	if !ok || len(r.members) == 0 || r.traceID != sc.TraceID() {
		return sc.TraceState().String()
	}
	return formatMembers(r.merge(sc.TraceState()))
}

// merge puts members that were added or changed since to the left, as "Mutating the tracestate
// Field" demands, and the rest in the order received. Members deleted since stay deleted.
func (r *received) merge(state trace.TraceState) []member {
	merged := make([]member, 0, state.Len()+len(r.members))
	state.Walk(func(key, value string) bool {
		if m := (member{key, value}); !slices.Contains(r.members, m) {
			merged = append(merged, m)
		}
		return true
	})
	for _, m := range r.members {
		if beyondTraceState(m) || state.Get(m.key) == m.value {
			merged = append(merged, m)
		}
	}
	return merged[:min(len(merged), maxTracestateMembers)]
}

// beyondTraceState reports whether trace.TraceState cannot hold m: whether its key is not a key of
// Level 1. Those are a letter and up to 255 more characters, or tenant@system, where the tenant may
// begin with a digit and has up to 241 characters, and the system begins with a letter and has up
// to 14.
func beyondTraceState(m member) bool {
	tenant, system, multi := strings.Cut(m.key, "@")
	if !multi {
		return !isLower(m.key[0])
	}
	return len(tenant) > 241 || system == "" || len(system) > 14 ||
		!isLower(system[0]) || strings.Contains(system, "@")
}
