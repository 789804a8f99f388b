// SPDX-License-Identifier: Apache-2.0

package tracing

import (
	"go.opentelemetry.io/otel/log"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
)

// WithExceptionLogs makes the errors and panics that [Do] records, and panics in [Transport], log
// records of lp's, by the semantic conventions. The records replace events of the span, which
// OpenTelemetry is giving up. A record has the event name exception (for a panic in [Transport],
// http.client.request.exception), exception.type, exception.message and, for a panic,
// exception.stacktrace. Its severity is WARN for an error, which the caller may yet handle, and
// ERROR for a panic. It is emitted whether or not the span is sampled, with the span's context. If
// logging.WrapProvider has made lp, the record also has the request's id and fields. An option of
// [Wrap]; the default is events. A nil lp panics.
//
// https://opentelemetry.io/docs/specs/semconv/exceptions/exceptions-logs/
func WithExceptionLogs(lp log.LoggerProvider) Option {
	need(lp != nil, "WithExceptionLogs", "leave the option out for events of the span")
	return option{"WithExceptionLogs", takerWrap, func(c *config) {
		c.exceptions.Logger = lp.Logger(ScopeName, log.WithSchemaURL(semconv.SchemaURL))
	}}
}

// WithExceptionEvents makes errors and panics events of their span too, beside the log records of
// [WithExceptionLogs]. Use it while readers move from the events to the records. An option of
// [Wrap]; without WithExceptionLogs it changes nothing.
func WithExceptionEvents() Option {
	return option{"WithExceptionEvents", takerWrap, func(c *config) { c.exceptions.Events = true }}
}
