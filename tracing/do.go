// SPDX-License-Identifier: Apache-2.0

package tracing

import (
	"context"
	"fmt"
	"runtime/debug"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/log"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"

	"github.com/asynclocal/asynclocal/internal/exception"
	"github.com/asynclocal/asynclocal/internal/text"
	"github.com/asynclocal/asynclocal/store"
)

// ScopeName is the instrumentation scope of the spans that this package starts.
const ScopeName = "github.com/asynclocal/asynclocal/tracing"

// Do calls f inside a span, which is the ambient active one meanwhile, and returns
// what f returns. An error, or a panic, which is passed on, is recorded on the span
// and makes its status Error: as valid text of at most 1024 bytes, URLs in it without
// credentials and secret parameters, and whatever its methods do; [WithExceptionLogs] makes log
// records of them. A runtime.Goexit ends the span without either.
//
// The span is of the ambient span's TracerProvider, where that belongs to this
// process, else of the global one, which need not be wrapped.
func Do(name string, f func() error, opts ...trace.SpanStartOption) (err error) {
	if f == nil {
		panic("tracing: Do of a nil function; pass the work that the span is around")
	}
	t := tracerOf(Span())
	ctx, s := t.start(store.Context(), text.Valid(name, maxURL), opts, true)
	returned := false
	defer func() {
		if !returned {
			t.abandon(ctx, s, exception.General, recover())
		}
	}()
	err = f()
	returned = true
	defer s.End()
	if err != nil {
		t.fail(ctx, s, err)
	}
	return err
}

// abandon ends s, whose function did not return: it panicked with r or, where that
// is nil, exited its goroutine.
func (t *tracer) abandon(ctx context.Context, s trace.Span, name string, r any) {
	if r == nil {
		s.End()
		return
	}
	t.recordPanic(ctx, s, name, r)
	s.End()
	panic(r)
}

// tracerOf returns our Tracer of the provider of s, if s is a span of this process,
// else of the global provider.
func tracerOf(s trace.Span) *tracer {
	if sc := s.SpanContext(); sc.IsValid() && !sc.IsRemote() {
		return own(s.TracerProvider())
	}
	return own(otel.GetTracerProvider())
}

func own(tp trace.TracerProvider) *tracer { return wrap(tp, nil).(wrapped).unwrap().own }

// fail records err as the SDK's RecordError would, and the status, in words that any
// exporter takes: err may be nil inside, panic, or not be text.
func (t *tracer) fail(ctx context.Context, s trace.Span, err error) {
	if t.exceptions().Wants(s) {
		t.record(ctx, s, exception.Exception{
			Name: exception.General, Type: nameOf(err), Message: text.Error(err, maxError), Severity: log.SeverityWarn,
		})
	}
}

func (t *tracer) exceptions() *exception.Recorder { return &t.provider.config.exceptions }

// nameOf is error.type of err.
func nameOf(err error) string {
	return text.Type(err, maxName, func(err error) string { return semconv.ErrorType(err).Value.AsString() })
}

func (t *tracer) record(ctx context.Context, s trace.Span, e exception.Exception) {
	if s.IsRecording() {
		s.SetStatus(codes.Error, e.Message)
		s.SetAttributes(semconv.ErrorTypeKey.String(e.Type))
	}
	t.exceptions().Record(ctx, s, &e)
}

// recordPanic records r as the SDK's End would, and the status, which that lacks.
func (t *tracer) recordPanic(ctx context.Context, s trace.Span, name string, r any) {
	if !t.exceptions().Wants(s) {
		return
	}
	kind := fmt.Sprintf("%T", r)
	if err, ok := r.(error); ok {
		kind = nameOf(err)
	}
	t.record(ctx, s, exception.Exception{
		Name: name, Type: kind, Message: text.Of(r, maxError), Stack: string(debug.Stack()), Severity: log.SeverityError,
	})
}
