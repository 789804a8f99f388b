// SPDX-License-Identifier: Apache-2.0

package jobs

import (
	"context"
	"fmt"
	"runtime/debug"
	"time"

	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/log"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/asynclocal/asynclocal/internal/billing"
	"github.com/asynclocal/asynclocal/internal/exception"
	"github.com/asynclocal/asynclocal/internal/logstate"
	"github.com/asynclocal/asynclocal/internal/text"
	"github.com/asynclocal/asynclocal/logging"
	"github.com/asynclocal/asynclocal/store"
)

// run runs the job in its own Request, without what is ambient on the calling goroutine.
func (w *work) run(ctx context.Context, t trace.Tracer) {
	w.begin = time.Now()
	store.Exit(func() { w.request.Run(w.startSpan(ctx, t), w.do) })
}

func (w *work) do(ctx context.Context) {
	if w.log != "" {
		logstate.Import(ctx, w.log)
	}
	returned := false
	defer func() {
		if returned {
			w.end(ctx)
			return
		}
		w.abort(ctx, recover())
	}()
	w.err = w.f(ctx)
	returned = true
}

// end records that f has returned.
func (w *work) end(ctx context.Context) {
	defer w.span.End()
	if w.err == nil {
		w.complete(ctx, zap.InfoLevel, "job completed")
		return
	}
	kind, message, field := errorText(w.err)
	w.except(ctx, exception.Exception{Type: kind, Message: message})
	w.fail(message, kind)
	w.complete(ctx, zap.ErrorLevel, "job failed", field)
}

// abort records that f has not returned, and passes on the reason: it panics with value or, if
// there is no value, lets runtime.Goexit continue.
func (w *work) abort(ctx context.Context, value any) {
	if value == nil {
		w.fail("runtime.Goexit", "runtime.Goexit")
		w.complete(ctx, zap.ErrorLevel, "job exited its goroutine")
		w.span.End()
		return
	}
	said := text.Of(value, maxError)
	w.except(ctx, exception.Exception{Type: fmt.Sprintf("%T", value), Message: said, Stack: string(debug.Stack())})
	w.fail("panic: "+said, "panic")
	w.complete(ctx, zap.ErrorLevel, "job panicked", zap.String("panic", said), zap.Stack("stack"))
	w.span.End() // not deferred: the SDK would record the panic once more
	panic(value)
}

// except records e, an exception that the job did not handle.
func (w *work) except(ctx context.Context, e exception.Exception) {
	e.Name, e.Severity = exception.Process, log.SeverityError
	w.exceptions.Record(ctx, w.span, &e)
}

func (w *work) fail(description, errorType string) {
	w.span.SetStatus(codes.Error, description)
	w.span.SetAttributes(semconv.ErrorTypeKey.String(errorType))
}

// complete writes the completion line, with the ctx for loggers where nothing is ambient.
func (w *work) complete(ctx context.Context, level zapcore.Level, message string, more ...zap.Field) {
	defer sinkPanicked()
	if w.spanFields && w.span.IsRecording() {
		w.span.SetAttributes(logging.Attributes(w.logger.Core())(w.request)...)
	}
	d := time.Since(w.begin)
	sum := billing.Peek(w.request).Settle()
	sum.Tell(w.span)
	logging.Complete(ctx, logging.Outcome{Failed: level == zap.ErrorLevel, Duration: d})
	if w.handler != nil {
		w.completeSlog(ctx, level, message, w.lineFields(ctx, d, sum, more))
	}
	if entry := w.logger.Check(level, message); entry != nil {
		entry.Write(w.lineFields(ctx, d, sum, more)...)
	}
}
