// SPDX-License-Identifier: Apache-2.0

package tracing

import (
	"fmt"
	"runtime/debug"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/codes"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"

	"github.com/asynclocal/asynclocal/store"
)

// ScopeName is the instrumentation scope of the spans that this package starts.
const ScopeName = "github.com/asynclocal/asynclocal/tracing"

// Do calls f inside a span, which is the ambient active one meanwhile, and returns
// what f returns. An error, or a panic, which is passed on, is recorded on the span
// and makes its status Error. A runtime.Goexit ends the span without either.
//
// The span is of the ambient span's TracerProvider, where that belongs to this
// process, else of the global one, which need not be wrapped.
func Do(name string, f func() error, opts ...trace.SpanStartOption) (err error) {
	_, s := tracerOf(Span()).start(store.Context(), name, opts, true)
	returned := false
	defer func() {
		if !returned {
			abandon(s, recover())
		}
	}()
	if err = f(); err != nil {
		fail(s, err)
		s.RecordError(err)
	}
	returned = true
	s.End()
	return err
}

// abandon ends s, whose function did not return: it panicked with r or, where that
// is nil, exited its goroutine.
func abandon(s trace.Span, r any) {
	if r == nil {
		s.End()
		return
	}
	recordPanic(s, r)
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

func own(tp trace.TracerProvider) *tracer { return Wrap(tp).(wrapped).unwrap().own }

func fail(s trace.Span, err error) {
	s.SetStatus(codes.Error, err.Error())
	s.SetAttributes(semconv.ErrorType(err))
}

// recordPanic records r as the SDK's End would, and the status, which that lacks.
func recordPanic(s trace.Span, r any) {
	if err, ok := r.(error); ok {
		fail(s, err)
		s.RecordError(err, trace.WithStackTrace(true))
		return
	}
	kind, message := fmt.Sprintf("%T", r), fmt.Sprint(r)
	s.SetStatus(codes.Error, message)
	s.SetAttributes(semconv.ErrorTypeKey.String(kind))
	s.AddEvent(semconv.ExceptionEventName, trace.WithAttributes(
		semconv.ExceptionType(kind),
		semconv.ExceptionMessage(message),
		semconv.ExceptionStacktrace(string(debug.Stack())),
	))
}
