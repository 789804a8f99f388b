// SPDX-License-Identifier: Apache-2.0

// Package redact keeps secrets out of logs. A [Secret] is a value that never shows itself, whatever
// prints it. A [Redactor] is for values of other types: it redacts fields and attributes with
// secret keys, and headers and query parameters, however deeply nested.
//
// Package logging applies a Redactor to everything that it writes:
//
//	logger := zap.New(core, logging.Correlate(
//		logging.WithRedaction(redact.WithKeys("password", "card"), redact.WithAllowed("Accept"))))
//	logger.Info("login", zap.String("password", "hunter2"), zap.Any("headers", r.Header))
//
// prints
//
//	{"level":"info","msg":"login","password":"REDACTED","headers":{"Accept":["text/html"]}}
//
// A Redactor that you make with [New] does the same for other outputs: an error tracker, an audit
// log, a span's attributes.
//
// # What it looks into
//
// A value with nothing to redact is not touched, and prints as it would have. In one that has
// something to redact, maps stay maps and lists stay lists, a struct becomes its JSON, and values
// that print their own text (String, Error, MarshalText) still do so. If an option says that
// something is to be redacted, a value that cannot be inspected is REDACTED as a whole. The text of
// a message or of an error is not inspected.
//
// # Failure
//
// A value's method that panics or blocks costs only that value; a method that does not return is
// waited for up to a second. Mistakes in options panic, and say what to do.
//
// # Concurrency
//
// Everything here is safe for concurrent use, except decoding a Secret.
package redact
