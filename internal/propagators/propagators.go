// SPDX-License-Identifier: Apache-2.0

package propagators

import (
	"context"
	"slices"
	"strings"
	"sync"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/propagation"
)

// Default returns own, which is one for W3C's headers, behind the global propagator if
// that has others, B3's for example: it was set because a neighbor speaks so.
// It comes first, so that what W3C's headers say wins where a request has both.
//
// A global propagator that is [Only] is all that is used.
//
// What is global is looked at when the propagator is used for the first time, for
// programs set it after their packages are initialized; what is set later is not seen.
// The result is safe for concurrent use.
func Default(own propagation.TextMapPropagator) propagation.TextMapPropagator {
	return &late{own: own}
}

type late struct {
	own    propagation.TextMapPropagator
	once   sync.Once
	chosen propagation.TextMapPropagator
}

func (l *late) propagator() propagation.TextMapPropagator {
	l.once.Do(l.choose)
	return l.chosen
}

// Only is a propagator that was chosen for all that the process sends and receives, W3C's headers included:
// OTEL_PROPAGATORS=none must not be heard as "W3C".
type Only struct{ propagation.TextMapPropagator }

func (l *late) choose() {
	l.chosen = l.own // also if a method of the other panics
	other, fields := otel.GetTextMapPropagator(), l.own.Fields()
	if only, ok := other.(Only); ok {
		l.chosen = only.TextMapPropagator
		return
	}
	for _, name := range other.Fields() {
		if !slices.ContainsFunc(fields, func(own string) bool { return strings.EqualFold(own, name) }) {
			l.chosen = propagation.NewCompositeTextMapPropagator(other, l.own)
			return
		}
	}
}

func (l *late) Inject(ctx context.Context, carrier propagation.TextMapCarrier) {
	l.propagator().Inject(ctx, carrier)
}

func (l *late) Extract(ctx context.Context, carrier propagation.TextMapCarrier) context.Context {
	return l.propagator().Extract(ctx, carrier)
}

func (l *late) Fields() []string { return l.propagator().Fields() }
