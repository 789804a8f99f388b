// SPDX-License-Identifier: Apache-2.0

package logging

import (
	"context"
	"fmt"
	"log/slog"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/asynclocal/asynclocal/internal/text"
	"github.com/asynclocal/asynclocal/store"
)

// WithSpanEvents also adds the lines that are written, from level on, to their span as events. A
// line with an error (a field made by zap.Error or zap.NamedError, or any slog attribute that is an
// error) becomes the event "exception" with exception.type and exception.message; any other line
// becomes "log". Both have log.severity and log.message, of at most 1024 bytes each. In an error's
// text, URLs are shown without credentials and secret parameters. By default there are no events. A
// span that is not recorded, or has ended, gets nothing.
func WithSpanEvents(level zapcore.Level) Option {
	return optionFunc(func(c *config) { c.events, c.eventLevel = true, level })
}

// WithSpanStatus sets the status of a line's span to Error, with the message as its description, if
// the line's level is Error or above. By default logging leaves the status alone.
func WithSpanStatus() Option { return optionFunc(func(c *config) { c.status = true }) }

// told describes a line for its span.
type told struct {
	level          zapcore.Level
	message, stack string
	err            error
}

// tells reports whether tell may have something to do.
func (c *config) tells() bool { return c.events || c.status || c.exceptions.Logger != nil }

// tell adds a line to the span of ctx, or to the ambient span if ctx is nil, and sends its error to
// where exceptions go.
func (c *config) tell(ctx context.Context, t told) {
	event := c.events && t.level >= c.eventLevel
	if t.err != nil && c.logsException(t.level) {
		c.logException(ctx, t)
		event = event && c.exceptions.Events
	}
	c.tellSpan(ctx, t, event)
}

func (c *config) tellSpan(ctx context.Context, t told, event bool) {
	status := c.status && t.level >= zapcore.ErrorLevel
	if !event && !status {
		return
	}
	span := spanOf(ctx)
	if !span.IsRecording() {
		return
	}
	if status {
		span.SetStatus(codes.Error, text.Valid(t.message, maxEventText))
	}
	if !event {
		return
	}
	name := "log"
	attrs := []attribute.KeyValue{attribute.String("log.severity", t.level.String()), attribute.String("log.message", text.Valid(t.message, maxEventText))}
	if t.err != nil {
		name = "exception"
		attrs = append(attrs, attribute.String("exception.type", nameOf(t.err)),
			attribute.String("exception.message", text.Error(t.err, maxEventText)))
	}
	span.AddEvent(name, trace.WithAttributes(attrs...))
}

// maxEventText is the maximum length of a text in a span, in bytes.
const maxEventText = 1024

// nameOf returns the exception.type of err.
func nameOf(err error) string {
	named, ok := err.(interface{ ErrorType() string })
	return text.Type(err, 128, func(err error) string {
		if ok {
			return named.ErrorType()
		}
		return fmt.Sprintf("%T", err)
	})
}

// spanOf follows the rules of ownerOf.
func spanOf(ctx context.Context) trace.Span {
	if ctx == nil {
		return trace.SpanFromContext(store.Context())
	}
	if s := trace.SpanFromContext(ctx); s.SpanContext().IsValid() {
		return s
	}
	r, _ := store.CurrentFrom(ctx)
	if here, _ := store.Current(); here != r {
		return trace.SpanFromContext(nil) //nolint:staticcheck // the no-op span
	}
	return trace.SpanFromContext(store.Context())
}

// attrError returns the last error among r's attributes, or nil.
func attrError(r slog.Record) (err error) {
	r.Attrs(func(a slog.Attr) bool {
		if a.Value.Kind() == slog.KindAny {
			if e, ok := a.Value.Any().(error); ok {
				err = e
			}
		}
		return true
	})
	return err
}

// errorOf returns the last error among fields, or nil.
func errorOf(fields []zap.Field) (err error) {
	for i := range fields {
		if fields[i].Type == zapcore.ErrorType {
			if e, ok := fields[i].Interface.(error); ok {
				err = e
			}
		}
	}
	return err
}
