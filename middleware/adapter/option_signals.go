// SPDX-License-Identifier: Apache-2.0

package adapter

import "go.opentelemetry.io/otel/log"

// WithExceptionLogs makes the errors and panics that the server has failed with log records of
// lp's, by the semantic conventions, in the place of events of the span: OpenTelemetry is
// giving those up. A record has the event name http.server.request.exception, exception.type,
// exception.message and, of a panic, exception.stacktrace, at severity ERROR, with the server's
// span and, as lp is wrapped by
// [github.com/asynclocal/asynclocal/logging.WrapProvider], the request's id and fields. It is
// emitted whether or not the span is sampled. The default is events.
//
// https://opentelemetry.io/docs/specs/semconv/http/http-exceptions/
func WithExceptionLogs(lp log.LoggerProvider) Option {
	need(lp != nil, "WithExceptionLogs", "(nil)", "leave the option out for events of the span")
	return option(func(c *config) { c.exceptionLogs = lp })
}

// WithExceptionEvents makes errors and panics events of the span beside the log records that
// [WithExceptionLogs] asks for: while what reads them moves from one to the other. Without that
// option it changes nothing.
func WithExceptionEvents() Option { return option(func(c *config) { c.exceptionEvents = true }) }

// WithSpanFields puts the fields that logging.Add has collected on the span too, as attributes,
// when the request has been handled: under the same keys, within the same bounds, and redacted
// as the lines of [WithLogger]'s logger are; by the defaults of package redact where there is
// none. A field with the key of an attribute takes its place, unless that says how the request
// ended. The default is that they are on lines only.
func WithSpanFields() Option { return option(func(c *config) { c.spanFields = true }) }
