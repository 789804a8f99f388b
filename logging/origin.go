// SPDX-License-Identifier: Apache-2.0

package logging

import (
	"context"

	"go.opentelemetry.io/otel/trace"

	"github.com/asynclocal/asynclocal/internal/frame"
	"github.com/asynclocal/asynclocal/store"
)

// origin is whom a line belongs to. Either may be nil.
type origin struct {
	request *store.Request
	span    *frame.Hex
}

// originOf returns whom a line belongs to that was logged with ctx, nil if with
// none. What ctx does not carry the goroutine answers, unless it works for
// another request: two requests never mix on a line.
func originOf(ctx context.Context) origin {
	if ctx == nil {
		r, _ := store.Current()
		return origin{r, ambientSpan()}
	}
	r, _ := store.CurrentFrom(ctx)
	if h := hexOf(spanContext(ctx)); h != nil {
		return origin{r, h}
	}
	if here, _ := store.Current(); here != r {
		return origin{r, nil}
	}
	return origin{r, ambientSpan()}
}

func ambientSpan() *frame.Hex {
	if a := frame.Parent(); a != nil {
		return a.Hex()
	}
	if frame.ActiveOf != nil {
		return nil
	}
	// Without tracing nobody notes which span is active: it is the context's.
	return hexOf(spanContext(store.Context()))
}

func spanContext(ctx context.Context) trace.SpanContext { return trace.SpanContextFromContext(ctx) }
