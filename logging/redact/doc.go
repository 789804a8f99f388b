// SPDX-License-Identifier: Apache-2.0

// Package redact keeps out of logs what must not be in them. A [Secret] is a value that
// shows itself nowhere, whatever prints it. A [Redactor] is for values of other types: it
// takes out of fields and attributes what their keys say is secret, and headers and query
// parameters, however deep they are.
//
// Package logging applies a Redactor to all that it writes:
//
//	logger := zap.New(core, logging.Correlate(
//		logging.WithRedaction(redact.WithKeys("password", "card"), redact.WithAllowed("Accept"))))
//	logger.Info("login", zap.String("password", "hunter2"), zap.Any("headers", r.Header))
//
// prints
//
//	{"level":"info","msg":"login","password":"REDACTED","headers":{"Accept":["text/html"]}}
//
// A Redactor of your own, by [New], does the same for what goes elsewhere: an error
// tracker, an audit log, a span's attributes.
//
// # What it looks into
//
// A value with nothing to hide is not touched, and prints as it would have. Of one that
// has, maps stay maps and lists stay lists, a struct becomes its JSON, and what prints its
// own text (String, Error, MarshalText) goes on doing so. What cannot be looked into is
// REDACTED as a whole, once an option says that something is to be. The text of a message
// or of an error is not looked into.
//
// # Failure
//
// A value's method that panics or blocks costs that value; one that does not return is
// waited for a second. Mistakes in options panic, and say what to do.
//
// # Concurrency
//
// Everything here is safe for concurrent use, but for the decoding of a Secret.
package redact
