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

// ended is told how a request has ended by who serves it, before its completion line. That knows
// more than the span says: an answer that came too late, say.
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

// errored is told of a line of an error.
func (b *Box) errored(ctx context.Context) {
	if !b.config.withoutLines {
		b.keep(spanContext(ctx), ReasonLogged)
	}
}

// ExportFrom has the spans of the trace exported that ctx belongs to, else the calling
// goroutine: those that are kept and those to come. A nil ctx means the goroutine. Outside
// of spans it does nothing.
func (b *Box) ExportFrom(ctx context.Context) { b.keep(spanContext(ctx), ReasonAsked) }

func (b *Box) keep(sc trace.SpanContext, reason string) {
	// One that is sampled is exported already; another's may have an id that is not kept here.
	if sc.IsValid() && !sc.IsSampled() && !b.closed.Load() {
		b.hand(b.shard(sc.TraceID()).keep(sc.TraceID(), reason, false))
	}
}

func spanContext(ctx context.Context) trace.SpanContext { return tracing.SpanFrom(ctx).SpanContext() }
