// SPDX-License-Identifier: Apache-2.0

package blackbox

import (
	"context"
	"time"

	"go.opentelemetry.io/otel/trace"
	"go.uber.org/zap"

	"github.com/asynclocal/asynclocal/internal/logstate"
	"github.com/asynclocal/asynclocal/store"
	"github.com/asynclocal/asynclocal/tracing"
)

// ExecutionTraceKey is the field of a completion line with the path of [WithExecution].
const ExecutionTraceKey = "execution_trace"

// ended is called when the code that serves a request reports how it ended, before its completion
// line. That code knows more than the span says, for example that an answer came too late.
func (b *Box) ended(ctx context.Context, r *store.Request, failed bool, d time.Duration) {
	slow := b.config.slow > 0 && d >= b.config.slow
	sc := spanContext(ctx)
	switch {
	case failed:
		b.keep(sc, ReasonFailed)
	case slow:
		b.keep(sc, ReasonSlow)
	case asked(r):
		b.keep(sc, ReasonAsked)
	default:
		return
	}
	if !failed && !slow {
		return
	}
	if path := b.config.execution.save(sc.TraceID()); path != "" {
		logstate.Of(r).Add([]zap.Field{zap.String(ExecutionTraceKey, path)})
	}
}

// errored is called for a line of an error.
func (b *Box) errored(ctx context.Context) {
	if !b.config.withoutLines {
		b.keep(spanContext(ctx), ReasonLogged)
	}
}

// ExportFrom makes b export the spans of the trace that ctx belongs to, else of the calling
// goroutine's trace: both those that are kept and later ones. If ctx is nil, the goroutine counts.
// Outside spans it does nothing.
func (b *Box) ExportFrom(ctx context.Context) { b.keep(spanContext(ctx), ReasonAsked) }

func (b *Box) keep(sc trace.SpanContext, reason string) {
	// A sampled span is exported already. Another provider's span may have an id that is not kept here.
	if sc.IsValid() && !sc.IsSampled() && !b.closed.Load() {
		b.hand(b.shard(sc.TraceID()).keep(sc.TraceID(), reason, false))
	}
}

func spanContext(ctx context.Context) trace.SpanContext { return tracing.SpanFrom(ctx).SpanContext() }
