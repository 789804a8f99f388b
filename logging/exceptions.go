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

// WithExceptionLogs makes the error on a line a log record of lp's, by the semantic
// conventions, in the place of the event of [WithSpanEvents], from the level on that this option
// names, and without it from Error on: OpenTelemetry is giving such events up. A record has the
// event name exception, exception.type, exception.message and, where the line has a stack,
// exception.stacktrace; the line's severity and message; and, as lp is wrapped by
// [WrapProvider], the request's id and fields. It is for lines that do not go to lp themselves: a bridge's are
// log records already, and [WrapProvider] panics with this option. The default is none.
// A nil lp panics.
//
// https://opentelemetry.io/docs/specs/semconv/exceptions/exceptions-logs/
func WithExceptionLogs(lp log.LoggerProvider) Option {
	if lp == nil {
		panic("logging: WithExceptionLogs(nil); leave the option out for events of the span, or none")
	}
	logger := WrapProvider(lp).Logger(ScopeName, log.WithSchemaURL(semconv.SchemaURL))
	return optionFunc(func(c *config) { c.exceptions.Logger = logger })
}

// WithExceptionEvents leaves the errors on lines events of their span, as [WithSpanEvents] says,
// beside the log records that [WithExceptionLogs] asks for: while what reads them moves from one
// to the other. Without that option it changes nothing.
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

// severityOf is severityLevel the other way round: what is above Error is fatal.
func severityOf(l zapcore.Level) log.Severity {
	if l > zapcore.ErrorLevel {
		return log.SeverityFatal
	}
	return log.Severity(max(int(log.SeverityInfo)+4*int(l), int(log.SeverityTrace)))
}
