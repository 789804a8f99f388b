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

// Default returns own, a propagator for W3C's headers, preceded by the global propagator if that
// has other headers, such as B3's, which was then set because a neighbor uses them. The global
// propagator comes first, so that W3C's headers win if a request has both.
//
// A global propagator that is [Only] is used alone.
//
// The global propagator is read when the result is first used, because programs set it after their
// packages are initialized; later changes are not seen. The result is safe for concurrent use.
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
	l.chosen = l.own // also if a method of the global one panics
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
