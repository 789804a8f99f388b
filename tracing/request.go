// SPDX-License-Identifier: Apache-2.0

package tracing

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/asynclocal/asynclocal/internal/frame"
	"github.com/asynclocal/asynclocal/store"
)

// RequestIDKey is the attribute with a Request's id.
const RequestIDKey = attribute.Key("request.id")

func requestID(r *store.Request) []attribute.KeyValue {
	return []attribute.KeyValue{RequestIDKey.String(r.ID())}
}

// idOption is the option that requestID leads to. A Request's id does not change:
// made once, it costs its spans no allocation.
var idOption = store.NewAttachment(func(r *store.Request) []trace.SpanStartOption {
	return []trace.SpanStartOption{trace.WithAttributes(requestID(r)...)}
})

// withAttributes returns opts with the attributes of s's request before them, so
// that what the caller gives wins.
func (s *span) withAttributes(opts []trace.SpanStartOption) []trace.SpanStartOption {
	c := &s.tracer.provider.config
	if s.request == nil || c.attributes == nil {
		return opts
	}
	if c.defaults {
		id := idOption.Of(s.request)
		if len(opts) == 0 {
			return id
		}
		return before(id[0], opts)
	}
	if attributes := c.attributes(s.request); len(attributes) != 0 {
		return before(trace.WithAttributes(attributes...), opts)
	}
	return opts
}

func before(first trace.SpanStartOption, opts []trace.SpanStartOption) []trace.SpanStartOption {
	all := make([]trace.SpanStartOption, len(opts)+1)
	all[0] = first
	copy(all[1:], opts)
	return all
}

// StartRequest starts the span of r itself, which is about to be run with the
// context returned: a server's, a job's. It differs from t.Start in three things
// where t is of a wrapped provider:
//
//   - Only ctx has its parent. A server that was itself started inside a span does
//     not make all its requests children of that.
//   - It has the attributes of r.
//   - It does not become ambient here: r.Run(ctx, …) makes it so.
//
// A Tracer of any other provider just starts the span. A nil ctx counts as
// context.Background; a nil r has no attributes.
func StartRequest(ctx context.Context, t trace.Tracer, r *store.Request, name string, opts ...trace.SpanStartOption) (context.Context, trace.Span) {
	if ctx == nil {
		ctx = context.Background()
	}
	own, ok := t.(*tracer)
	if !ok {
		return t.Start(ctx, name, opts...)
	}
	in := own.resolved()
	if in.noop {
		return in.Start(ctx, name, opts...)
	}
	s := &span{tracer: own, carrier: frame.Carried(ctx), request: r}
	s.start.Context = ctx
	if p := explicit(ctx); p != nil {
		s.descend(p)
	}
	s.run(in, name, opts)
	return s, s
}
