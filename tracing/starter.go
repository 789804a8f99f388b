// SPDX-License-Identifier: Apache-2.0

package tracing

import (
	"context"
	"slices"

	"go.opentelemetry.io/otel/trace"

	"github.com/asynclocal/asynclocal/internal/frame"
	"github.com/asynclocal/asynclocal/store"
)

// Starter starts the span of one Request in its own memory: as part of a server's record of the
// request, it saves the span's allocation. The record is then kept as long as the span is. Its zero
// value is ready for one Start; it must not be copied, and is not safe for concurrent use.
type Starter struct {
	span   span
	inside frame.Context // the request's, which leads to the span anyway
}

// prepare makes m, which must be zero, a span that becomes active through its ctx, if at all: it is
// usually a request's.
func (m *Starter) prepare() *span {
	m.span.self.PrepareRun(new(frame.RunEntry), &m.inside)
	return &m.span
}

// Start is [StartRequest] with the attributes that the span starts with: given separately, not as
// an option in opts, they take fewer allocations. It may change attributes and opts up to their
// capacity, and keeps neither. Attributes in opts win. A nil attributes is empty.
func (m *Starter) Start(ctx context.Context, t trace.Tracer, r *store.Request, name string, attributes *Attributes, opts ...trace.SpanStartOption) (context.Context, trace.Span) {
	if ctx == nil {
		ctx = context.Background()
	}
	own, ok := t.(*tracer)
	if !ok {
		return startPlain(ctx, t, name, attributes.before(opts))
	}
	in := own.resolved()
	if in.noop {
		return startPlain(ctx, in.Tracer, name, attributes.before(opts))
	}
	s := m.prepare()
	s.tracer, s.request = own, r
	s.start.Context = frame.Spanless(ctx)
	if p := explicit(ctx); p != nil {
		s.descend(p)
	}
	if c := &own.provider.config; attributes != nil && r != nil && c.defaults && len(c.baggage) == 0 && !c.goroutines {
		// Appended, not prepended: moving memory that has pointers is expensive during a garbage
		// collection.
		if !slices.ContainsFunc(attributes.List, isRequestID) {
			attributes.List = append(attributes.List, RequestIDKey.String(r.ID()))
		}
		s.run(in, name, attributes.before(opts))
	} else {
		s.run(in, name, s.withAttributes(attributes.before(opts)))
	}
	ctx = s.over(ctx)
	return ctx, s
}
