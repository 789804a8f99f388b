// SPDX-License-Identifier: Apache-2.0

package metrics

import (
	"context"
	"slices"
	"sync"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/baggage"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"

	"github.com/asynclocal/asynclocal/internal/text"
	"github.com/asynclocal/asynclocal/store"
	"github.com/asynclocal/asynclocal/tracing"
)

// enricher is what all instruments of a provider share.
type enricher struct {
	config config

	mu    sync.RWMutex
	known map[attribute.Distinct]metric.MeasurementOption // the sets that were added
}

func newEnricher(c config) *enricher {
	return &enricher{config: c, known: map[attribute.Distinct]metric.MeasurementOption{}}
}

// over is instead of a set past the limit, with the name that the SDK has for that.
var over = metric.WithAttributeSet(attribute.NewSet(attribute.Bool("otel.metric.overflow", true)))

// ctx returns ctx with the span that a measurement with it belongs to.
func (e *enricher) ctx(ctx context.Context) context.Context {
	if ctx == nil {
		ctx = context.Background()
	}
	if trace.SpanContextFromContext(ctx).IsValid() {
		return ctx
	}
	if s := tracing.SpanFrom(ctx); s.SpanContext().IsValid() {
		return trace.ContextWithSpan(ctx, s)
	}
	return ctx
}

// adds reports whether there is anything to ask for.
func (e *enricher) adds() bool { return e.config.request != nil || len(e.config.baggage) > 0 }

// attributes returns what is added to a measurement with ctx, nil for nothing.
func (e *enricher) attributes(ctx context.Context) metric.MeasurementOption {
	all := e.members(ctx)
	if r, ok := store.CurrentFrom(ctx); ok && e.config.request != nil {
		all = append(all, e.config.request(r)...)
	}
	if len(all) == 0 {
		return nil
	}
	return e.bounded(attribute.NewSet(all...))
}

// maxValue bounds the value of a member of the baggage, in bytes.
const maxValue = 128

func (e *enricher) members(ctx context.Context) (all []attribute.KeyValue) {
	if len(e.config.baggage) == 0 {
		return nil
	}
	b := baggage.FromContext(ctx)
	if b.Len() == 0 {
		b = baggage.FromContext(store.Context())
	}
	for _, key := range e.config.baggage {
		if m := b.Member(key); m.Key() == key && key != "" {
			all = append(all, attribute.String(key, text.Valid(m.Value(), maxValue)))
		}
	}
	return all
}

// bounded returns the option for set, or what is instead of one too many.
func (e *enricher) bounded(set attribute.Set) metric.MeasurementOption {
	key := set.Equivalent()
	e.mu.RLock()
	o, ok := e.known[key]
	e.mu.RUnlock()
	if ok {
		return o
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if o, ok := e.known[key]; ok {
		return o
	}
	if len(e.known) >= e.config.limit {
		return over
	}
	o = metric.WithAttributeSet(set)
	e.known[key] = o
	return o
}

// add returns what Add is to be called with. What is added comes first: the caller's wins.
func (e *enricher) add(ctx context.Context, opts []metric.AddOption) (context.Context, []metric.AddOption) {
	ctx = e.ctx(ctx)
	if !e.adds() {
		return ctx, opts
	}
	if o := e.attributes(ctx); o != nil {
		opts = slices.Concat([]metric.AddOption{o}, opts)
	}
	return ctx, opts
}

// record is add for Record.
func (e *enricher) record(ctx context.Context, opts []metric.RecordOption) (context.Context, []metric.RecordOption) {
	ctx = e.ctx(ctx)
	if !e.adds() {
		return ctx, opts
	}
	if o := e.attributes(ctx); o != nil {
		opts = slices.Concat([]metric.RecordOption{o}, opts)
	}
	return ctx, opts
}
