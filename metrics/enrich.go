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

// enricher holds what all instruments of a provider share.
type enricher struct {
	config config

	mu    sync.RWMutex
	known map[attribute.Distinct]metric.MeasurementOption // the sets that were added
}

func newEnricher(c config) *enricher {
	return &enricher{config: c, known: map[attribute.Distinct]metric.MeasurementOption{}}
}

// over replaces a set past the limit. It has the attribute that the SDK uses for overflow.
var over = metric.WithAttributeSet(attribute.NewSet(attribute.Bool("otel.metric.overflow", true)))

// ctx returns ctx with the span that a measurement made with it belongs to.
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

// adds reports whether any attributes may be added.
func (e *enricher) adds() bool { return e.config.request != nil || len(e.config.baggage) > 0 }

// attributes returns the attributes to add to a measurement with ctx, or nil.
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

// maxValue bounds the value of a baggage member, in bytes.
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

// bounded returns the option for set, or over if set is past the limit.
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

// add returns the arguments for Add. The added attributes come first, so that the caller's win.
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
