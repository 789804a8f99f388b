// SPDX-License-Identifier: Apache-2.0

package jobs

import (
	"context"
	"fmt"
	"runtime/debug"
	"time"

	"go.opentelemetry.io/otel/codes"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"
	"go.uber.org/zap"
)

// do runs the job inside its Request.
func (w *work) do(ctx context.Context) {
	ctx, span := w.startSpan(ctx)
	begin := time.Now()
	returned := false
	defer func() {
		if returned {
			w.end(span, begin)
			return
		}
		w.abort(span, begin, recover())
	}()
	w.err = w.f(ctx)
	returned = true
}

// end records that f has returned.
func (w *work) end(span trace.Span, begin time.Time) {
	defer span.End()
	if w.err == nil {
		w.logger.Info("job completed", w.line(begin)...)
		return
	}
	span.RecordError(w.err)
	span.SetStatus(codes.Error, w.err.Error())
	span.SetAttributes(semconv.ErrorType(w.err))
	w.logger.Error("job failed", w.line(begin, zap.Error(w.err))...)
}

// abort records that f has not returned, and passes on why: with a panic's value,
// or by letting runtime.Goexit, for which there is none, go on.
func (w *work) abort(span trace.Span, begin time.Time, value any) {
	if value == nil {
		span.SetStatus(codes.Error, "runtime.Goexit")
		span.SetAttributes(semconv.ErrorTypeKey.String("runtime.Goexit"))
		w.logger.Error("job exited its goroutine", w.line(begin)...)
		span.End()
		return
	}
	text := fmt.Sprint(value)
	span.AddEvent(semconv.ExceptionEventName, trace.WithAttributes(
		semconv.ExceptionType(fmt.Sprintf("%T", value)),
		semconv.ExceptionMessage(text),
		semconv.ExceptionStacktrace(string(debug.Stack())),
	))
	span.SetStatus(codes.Error, "panic: "+text)
	span.SetAttributes(semconv.ErrorTypeKey.String("panic"))
	w.logger.Error("job panicked", w.line(begin, zap.String("panic", text), zap.Stack("stack"))...)
	span.End() // not deferred: the SDK would record the panic once more
	panic(value)
}

func (w *work) line(begin time.Time, more ...zap.Field) []zap.Field {
	fields := make([]zap.Field, 0, 2+len(more)+len(w.fields))
	fields = append(fields, zap.String("job", w.name), zap.Duration("duration", time.Since(begin)))
	return append(append(fields, more...), w.fields...)
}
