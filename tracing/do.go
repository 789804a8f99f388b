// SPDX-License-Identifier: Apache-2.0

package tracing

import (
	"fmt"
	"runtime/debug"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"

	"github.com/asynclocal/asynclocal/internal/text"
	"github.com/asynclocal/asynclocal/store"
)

// ScopeName is the instrumentation scope of the spans that this package starts.
const ScopeName = "github.com/asynclocal/asynclocal/tracing"

// Do calls f inside a span, which is the ambient active one meanwhile, and returns what f returns.
// An error, or a panic, which is passed on, is recorded on the span and makes its status Error. It
// is recorded as valid text of at most 1024 bytes, with URLs stripped of credentials and secret
// parameters, even if its methods fail. A runtime.Goexit ends the span without an error.
//
// The span comes from the ambient span's TracerProvider if that belongs to this process, else from
// the global one, which need not be wrapped.
func Do(name string, f func() error, opts ...trace.SpanStartOption) (err error) {
	if f == nil {
		panic("tracing: Do of a nil function; pass the work that the span is around")
	}
	_, s := tracerOf(Span()).start(store.Context(), text.Valid(name, maxURL), opts, true)
	returned := false
	defer func() {
		if !returned {
			abandon(s, recover())
		}
	}()
	err = f()
	returned = true
	defer s.End()
	if err != nil {
		fail(s, err)
	}
	return err
}

// abandon ends s, whose function did not return: it panicked with r or, if r is nil, exited its
// goroutine.
func abandon(s trace.Span, r any) {
	if r == nil {
		s.End()
		return
	}
	recordPanic(s, r)
	s.End()
	panic(r)
}

// tracerOf returns our Tracer of the provider of s, if s is a span of this process, else of the
// global provider.
func tracerOf(s trace.Span) *tracer {
	if sc := s.SpanContext(); sc.IsValid() && !sc.IsRemote() {
		return own(s.TracerProvider())
	}
	return own(otel.GetTracerProvider())
}

func own(tp trace.TracerProvider) *tracer { return wrap(tp, nil).(wrapped).unwrap().own }

// fail records err as the SDK's RecordError would, and the status, as text that any exporter
// accepts: err may be nil inside, panic, or not be valid text.
func fail(s trace.Span, err error) {
	if s.IsRecording() {
		record(s, nameOf(err), text.Error(err, maxError))
	}
}

// nameOf returns the error.type of err.
func nameOf(err error) string {
	return text.Type(err, maxName, func(err error) string { return semconv.ErrorType(err).Value.AsString() })
}

func record(s trace.Span, kind, message string, more ...attribute.KeyValue) {
	s.SetStatus(codes.Error, message)
	s.SetAttributes(semconv.ErrorTypeKey.String(kind))
	s.AddEvent(semconv.ExceptionEventName, trace.WithAttributes(
		append(more, semconv.ExceptionType(kind), semconv.ExceptionMessage(message))...))
}

// recordPanic records r as the SDK's End would, and also sets the status, which End does not.
func recordPanic(s trace.Span, r any) {
	if !s.IsRecording() {
		return
	}
	kind := fmt.Sprintf("%T", r)
	if err, ok := r.(error); ok {
		kind = nameOf(err)
	}
	record(s, kind, text.Of(r, maxError), semconv.ExceptionStacktrace(string(debug.Stack())))
}
