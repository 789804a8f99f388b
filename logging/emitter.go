// SPDX-License-Identifier: Apache-2.0

package logging

import (
	"context"

	"go.opentelemetry.io/otel/log"
	"go.opentelemetry.io/otel/log/embedded"
	"go.opentelemetry.io/otel/trace"
	"go.uber.org/zap/zapcore"

	"github.com/asynclocal/asynclocal/internal/frame"
	"github.com/asynclocal/asynclocal/internal/value"
	"github.com/asynclocal/asynclocal/internal/watch"
	"github.com/asynclocal/asynclocal/store"
)

// emitter does for OpenTelemetry's records what core does for zap.
type emitter struct {
	embedded.Logger

	inner log.Logger
	cfg   *config
}

// severityLevel maps OpenTelemetry's severities, which begin at 1 and are four apart, to zap's
// levels. A record without a severity counts as info.
func severityLevel(s log.Severity) zapcore.Level {
	if s == log.SeverityUndefined {
		return zapcore.InfoLevel
	}
	const least, most = -120, 120
	return zapcore.Level((min(max(int(s), least), most)-int(log.SeverityInfo))>>2) + zapcore.InfoLevel
}

// usable returns ctx, or context.Background() if ctx cannot be asked.
func usable(ctx context.Context) context.Context {
	if !value.Usable(ctx) {
		return context.Background()
	}
	return ctx
}

// Enabled reports whether a record may be emitted or kept in the request that ctx carries,
// else the calling goroutine's.
func (e *emitter) Enabled(ctx context.Context, param log.EnabledParameters) bool {
	ctx = usable(ctx)
	inside, _ := within(ctx)
	on := e.inner.Enabled(inside, param)
	if e.cfg.isPlain() {
		return on
	}
	return e.cfg.admits(ctx, severityLevel(param.Severity), on)
}

// Emit emits a record for the request that ctx carries, else for the calling goroutine's.
func (e *emitter) Emit(ctx context.Context, record log.Record) {
	ctx = usable(ctx)
	inside, o := within(ctx)
	level := severityLevel(record.Severity())
	j := decision{action: ask}
	if !e.cfg.isPlain() {
		on := e.inner.Enabled(inside, log.EnabledParameters{Severity: record.Severity(), EventName: record.EventName()})
		j = e.cfg.decide(ctx, level, on)
	}
	if j.action == drop {
		return
	}
	if w := watch.On(); w != nil {
		tellWatch(ctx, w, o)
	}
	if e.cfg.passContext {
		inside = joined(inside)
	}
	record = e.compose(o, record, j.action != hold)
	if j.action == hold {
		if e.keep(inside, record, j.logger) != open {
			return
		}
		record = e.redacted(record)
	}
	if level >= zapcore.ErrorLevel {
		errored(inside, o.request)
	}
	if e.cfg.tells() {
		e.cfg.tell(inside, told{level: level, message: record.Body().String(), err: record.Err()})
	}
	e.inner.Emit(inside, record)
}

// spanned is a context that carries another span.
type spanned struct {
	context.Context
	span *frame.Span
}

func (s spanned) Value(key any) any {
	if v := s.span.Value(key); v != nil {
		return v
	}
	return s.Context.Value(key)
}

// within returns ctx with the span that a record belongs to, and the record's owner. It adds
// nothing else: neither the ambient deadline nor its cancellation may cost a record.
func within(ctx context.Context) (context.Context, owner) {
	o := ownerOf(ctx)
	if o.span == nil || trace.SpanContextFromContext(ctx).IsValid() {
		return ctx, o
	}
	if frame.ActiveOf == nil {
		return trace.ContextWithSpan(ctx, trace.SpanFromContext(store.Context())), o
	}
	if s := frame.Parent(); s != nil {
		return spanned{ctx, s}, o
	}
	return ctx, o
}
