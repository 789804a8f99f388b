// SPDX-License-Identifier: Apache-2.0

package logging

import (
	"context"

	"go.opentelemetry.io/otel/log"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.uber.org/zap/zapcore"

	"github.com/asynclocal/asynclocal/internal/exception"
	"github.com/asynclocal/asynclocal/internal/text"
)

// ScopeName is the instrumentation scope of the log records that this package makes.
const ScopeName = "github.com/asynclocal/asynclocal/logging"

// WithExceptionLogs makes the error on a line a log record of lp's, by the semantic conventions.
// The record replaces the event of [WithSpanEvents]: OpenTelemetry is giving up such events. It is
// made for lines from the level of WithSpanEvents on, or without that option from Error on. A
// record has the event name exception, exception.type, exception.message and, if the line has a
// stack, exception.stacktrace. It has the line's severity and message. lp is wrapped by
// [WrapProvider], so it also has the request's id and fields.
//
// Use it for lines that do not go to lp themselves: the lines of a bridge are log records already,
// and [WrapProvider] panics with this option. By default no such records are made. A nil lp panics.
//
// https://opentelemetry.io/docs/specs/semconv/exceptions/exceptions-logs/
func WithExceptionLogs(lp log.LoggerProvider) Option {
	if lp == nil {
		panic("logging: WithExceptionLogs(nil); leave the option out for events of the span, or none")
	}
	logger := WrapProvider(lp).Logger(ScopeName, log.WithSchemaURL(semconv.SchemaURL))
	return optionFunc(func(c *config) { c.exceptions.Logger = logger })
}

// WithExceptionEvents keeps the errors on lines as events of their span, as [WithSpanEvents] says,
// beside the log records of [WithExceptionLogs]. Use it while readers move from the events to the
// records. Without WithExceptionLogs it changes nothing.
func WithExceptionEvents() Option { return optionFunc(func(c *config) { c.exceptions.Events = true }) }

// logsException reports whether an error on a line at l is a log record too.
func (c *config) logsException(l zapcore.Level) bool {
	least := zapcore.ErrorLevel
	if c.events {
		least = c.eventLevel
	}
	return c.exceptions.Logger != nil && l >= least
}

func (c *config) logException(ctx context.Context, t told) {
	if ctx == nil {
		ctx = context.Background()
	}
	c.exceptions.Log(ctx, &exception.Exception{
		Name: exception.General, Type: nameOf(t.err), Message: text.Error(t.err, maxEventText), Stack: t.stack,
		Severity: severityOf(t.level), Body: text.Valid(t.message, maxEventText),
	})
}

// severityOf is the inverse of severityLevel. Levels above Error become fatal.
func severityOf(l zapcore.Level) log.Severity {
	if l > zapcore.ErrorLevel {
		return log.SeverityFatal
	}
	return log.Severity(max(int(log.SeverityInfo)+4*int(l), int(log.SeverityTrace)))
}
