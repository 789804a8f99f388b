// SPDX-License-Identifier: Apache-2.0

package jobs

import (
	"go.opentelemetry.io/otel/log"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"

	"github.com/asynclocal/asynclocal/logging"
)

// WithExceptionLogs makes the errors and panics of jobs log records of lp's, by the semantic
// conventions, in the place of events of the job's span: OpenTelemetry is giving those up. A
// record has the event name messaging.process.exception, exception.type, exception.message and,
// of a panic, exception.stacktrace, at severity ERROR, with the job's span and, as lp is wrapped by
// logging.WrapProvider, the request's id and fields. It is emitted whether or not the span is sampled. The default
// is events. A nil lp panics.
//
// https://opentelemetry.io/docs/specs/semconv/messaging/messaging-exceptions/
func WithExceptionLogs(lp log.LoggerProvider) Option {
	need(lp != nil, "WithExceptionLogs", "leave the option out for events of the span")
	logger := logging.WrapProvider(lp).Logger(ScopeName, log.WithSchemaURL(semconv.SchemaURL))
	return option(func(c *config) { c.exceptions.Logger = logger })
}

// WithExceptionEvents makes errors and panics events of the job's span beside the log records
// that WithExceptionLogs asks for: while what reads them moves from one to the other. Without that
// option it changes nothing.
func WithExceptionEvents() Option { return option(func(c *config) { c.exceptions.Events = true }) }

// WithSpanFields puts the fields that logging.Add has collected on the job's span too, as
// attributes, when the job is over: under the same keys, within the same bounds, and redacted
// as the logger's lines are. The default is that they are on lines only.
func WithSpanFields() Option { return option(func(c *config) { c.spanFields = true }) }
