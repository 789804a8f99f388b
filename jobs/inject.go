// SPDX-License-Identifier: Apache-2.0

package jobs

import (
	"context"

	"go.opentelemetry.io/otel/baggage"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"github.com/asynclocal/asynclocal/internal/logstate"
	"github.com/asynclocal/asynclocal/internal/text"
	"github.com/asynclocal/asynclocal/store"
)

// Inject writes the context into the headers of a message, for Run to read on the
// other side: traceparent, tracestate and baggage, the request id as x-request-id,
// the request's log level and fields, and the registered storages. Where OpenTelemetry's
// global propagator has headers that are not W3C's, B3's for example, they are written
// too. What an earlier Inject has written is replaced, or removed where there is nothing
// to replace it with; other keys are left alone.
//
// Each part is taken from ctx, or from the calling goroutine where ctx does not
// carry it; a nil ctx means the goroutine. An absent part is not written. A nil
// carrier is left alone.
//
// Inject may run concurrently, on different carriers. For a choice of what
// travels, and for a link in place of a parent, see NewInjector.
func Inject(ctx context.Context, carrier Carrier) { defaultInjector.Inject(ctx, carrier) }

var defaultInjector = NewInjector()

// Injector is Inject with options. It is safe for concurrent use.
type Injector struct{ config injectConfig }

// NewInjector returns an Injector. Without options it does what Inject does.
func NewInjector(opts ...InjectOption) *Injector {
	return &Injector{config: newInjectConfig(opts)}
}

// Inject is like the function of that name.
func (i *Injector) Inject(ctx context.Context, carrier Carrier) {
	if carrier == nil {
		return
	}
	c := &i.config
	c.clear(carrier)
	source := c.source(ctx)
	c.propagator.Inject(source, textMap(carrier))
	if c.link && trace.SpanContextFromContext(source).IsValid() {
		carrier[RelationKey] = []string{relationLink}
	}
	if c.requestID {
		if r, ok := store.CurrentFrom(ctx); ok && text.IsRequestID(r.ID()) {
			carrier[RequestIDKey] = []string{r.ID()}
		}
	}
	if c.log {
		if s := logstate.Export(ctx); s != "" {
			carrier[LogKey] = []string{s}
		}
	}
	if c.storages {
		injectStorages(ctx, carrier)
	}
}

// clear removes what an earlier Inject has written, so that a message that is
// copied into another does not take its own past along.
func (c *injectConfig) clear(carrier Carrier) {
	if len(carrier) == 0 {
		return
	}
	for _, key := range c.propagator.Fields() {
		remove(carrier, key)
	}
	remove(carrier, RequestIDKey)
	remove(carrier, RelationKey)
	remove(carrier, LogKey)
	removeStorages(carrier)
}

// source returns a context with the span and the baggage that are to travel.
func (c *injectConfig) source(ctx context.Context) context.Context {
	ambient := store.Context()
	if ctx == nil {
		ctx = ambient
	} else if sameRequest(ctx) {
		if !trace.SpanContextFromContext(ctx).IsValid() {
			ctx = trace.ContextWithSpan(ctx, trace.SpanFromContext(ambient))
		}
		if baggage.FromContext(ctx).Len() == 0 {
			ctx = baggage.ContextWithBaggage(ctx, baggage.FromContext(ambient))
		}
	}
	if !c.trace {
		ctx = trace.ContextWithSpan(ctx, nil)
	}
	if !c.baggage {
		ctx = baggage.ContextWithoutBaggage(ctx)
	}
	return ctx
}

// sameRequest reports whether what the goroutine has may complete what ctx has:
// two requests never mix.
func sameRequest(ctx context.Context) bool {
	own, ok := store.CurrentFrom(ctx)
	if !ok {
		return true
	}
	ambient, ok := store.Current()
	return ok && own == ambient
}

var _ propagation.ValuesGetter = textMap(nil)
