// SPDX-License-Identifier: Apache-2.0

package tracing

import (
	"context"
	"slices"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/baggage"
	"go.opentelemetry.io/otel/trace"

	"github.com/asynclocal/asynclocal/store"
)

// RequestIDKey is the attribute with a Request's id.
const RequestIDKey = attribute.Key("request.id")

func requestID(r *store.Request) []attribute.KeyValue {
	return []attribute.KeyValue{RequestIDKey.String(r.ID())}
}

// idOption holds the option that requestID leads to. A Request's id does not change, so the option
// is made once and costs its spans no allocation.
var idOption = store.NewAttachment(func(r *store.Request) []trace.SpanStartOption {
	return []trace.SpanStartOption{trace.WithAttributes(requestID(r)...)}
})

// withAttributes returns opts after what the provider adds, so that the caller's opts win.
func (s *span) withAttributes(opts []trace.SpanStartOption) []trace.SpanStartOption {
	c := &s.tracer.provider.config
	added := c.requestOptions(s.request)
	if c.goroutines {
		added = slices.Concat(added, goroutineOptions())
	}
	if len(c.baggage) > 0 {
		added = slices.Concat(added, c.baggageOptions(s.start.Context))
	}
	switch {
	case len(added) == 0:
		return opts
	case len(opts) == 0:
		return added
	}
	return slices.Concat(added, opts)
}

func (c *config) requestOptions(r *store.Request) []trace.SpanStartOption {
	if r == nil || c.attributes == nil {
		return nil
	}
	if c.defaults {
		return idOption.Of(r)
	}
	if attributes := c.attributes(r); len(attributes) != 0 {
		return []trace.SpanStartOption{trace.WithAttributes(attributes...)}
	}
	return nil
}

func (c *config) baggageOptions(ctx context.Context) []trace.SpanStartOption {
	b := baggage.FromContext(outgoing(ctx))
	var attributes []attribute.KeyValue
	for _, key := range c.baggage {
		if m := b.Member(key); m.Key() == key && key != "" {
			attributes = append(attributes, attribute.String(key, m.Value()))
		}
	}
	if attributes == nil {
		return nil
	}
	return []trace.SpanStartOption{trace.WithAttributes(attributes...)}
}

// StartRequest starts the span of r itself, for a server or a job; run r with the context it
// returns. If t belongs to a wrapped provider, it differs from t.Start in three ways:
//
//   - The parent comes only from ctx. A server that was itself started inside a span does not make
//     all its requests children of that span.
//   - It has the attributes of r.
//   - It does not become ambient here: r.Run(ctx, …) makes it so.
//
// A Tracer of any other provider just starts the span. A nil ctx counts as context.Background; a
// nil r has no attributes.
func StartRequest(ctx context.Context, t trace.Tracer, r *store.Request, name string, opts ...trace.SpanStartOption) (context.Context, trace.Span) {
	return new(Starter).Start(ctx, t, r, name, nil, opts...)
}

func isRequestID(a attribute.KeyValue) bool { return a.Key == RequestIDKey }
