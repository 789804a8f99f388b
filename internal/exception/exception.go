// SPDX-License-Identifier: Apache-2.0

// Package exception records errors and panics by OpenTelemetry's semantic conventions: as events of
// a span, as log records, or as both. The conventions are about to give up the events.
//
// https://opentelemetry.io/docs/specs/semconv/exceptions/exceptions-logs/
package exception

import (
	"context"
	"fmt"
	"runtime/debug"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/log"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"

	"github.com/asynclocal/asynclocal/internal/text"
)

// The names of the events in the conventions.
const (
	General = "exception" // of no operation in particular
	Client  = "http.client.request.exception"
	Server  = "http.server.request.exception"
	Process = "messaging.process.exception"
)

// Exception is an error or a panic, in words that any exporter takes.
type Exception struct {
	Name          string // the event name of the record
	Type, Message string
	Stack         string // "": none
	Severity      log.Severity
	Body          string // the body of the record; "": none
}

// Recorder says where exceptions go. The zero Recorder makes them events of their span. A Recorder
// must not change once it is used. Then it is safe for concurrent use.
type Recorder struct {
	Logger log.Logger // nil: no records
	Events bool       // make events even if there are records
}

// Wants reports whether an exception in s is recorded anywhere.
func (r *Recorder) Wants(s trace.Span) bool { return r.Logger != nil || s.IsRecording() }

// Record records e, which happened in s. ctx carries everything else that the record belongs to.
func (r *Recorder) Record(ctx context.Context, s trace.Span, e *Exception) {
	if s.IsRecording() && (r.Logger == nil || r.Events) {
		s.AddEvent(semconv.ExceptionEventName, trace.WithAttributes(e.attributes()...))
	}
	if r.Logger == nil {
		return
	}
	if sc := s.SpanContext(); sc.IsValid() && !trace.SpanContextFromContext(ctx).Equal(sc) {
		ctx = trace.ContextWithSpan(ctx, s)
	}
	r.Log(ctx, e)
}

// Log emits the record of e. A panic of the provider does not reach the caller. It goes to
// OpenTelemetry's error handler.
func (r *Recorder) Log(ctx context.Context, e *Exception) {
	defer func() {
		if value := recover(); value != nil {
			otel.Handle(fmt.Errorf("asynclocal: a LoggerProvider panicked with an exception: %s\n%s", text.Of(value, maxPanic), debug.Stack()))
		}
	}()
	if !r.Logger.Enabled(ctx, log.EnabledParameters{Severity: e.Severity, EventName: e.Name}) {
		return
	}
	var record log.Record
	record.SetEventName(e.Name)
	record.SetTimestamp(time.Now())
	record.SetSeverity(e.Severity)
	record.SetSeverityText(e.Severity.String())
	if e.Body != "" {
		record.SetBody(attribute.StringValue(e.Body))
	}
	// Not SetErr: its readers call the error's methods, which may panic or block.
	record.AddAttributes(e.attributes()...)
	r.Logger.Emit(ctx, record)
}

// maxPanic is how much of a panic's value is reported, in bytes.
const maxPanic = 256

func (e *Exception) attributes() []attribute.KeyValue {
	all := make([]attribute.KeyValue, 0, 3)
	if e.Stack != "" {
		all = append(all, semconv.ExceptionStacktrace(e.Stack))
	}
	return append(all, semconv.ExceptionType(e.Type), semconv.ExceptionMessage(e.Message))
}
