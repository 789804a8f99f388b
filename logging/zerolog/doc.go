// SPDX-License-Identifier: Apache-2.0

// Package zerologging lets the lines of zerolog know their request: the ids of the request and
// the span, and the fields of logging.Add, under the same names as on zap's and slog's lines.
//
//	logger := zerolog.New(os.Stdout).Hook(zerologging.NewHook())
//
// A line belongs to the ctx that it is given by Event.Ctx, or its logger by Context.Ctx; what
// that does not carry the goroutine answers, unless it works for another request. Explicit
// beats ambient.
//
// zerolog writes a field as soon as it is given, and a hook cannot see which those are: one that
// a line has under the same name as a field of ours is on it twice, ours last. Redaction goes by what
// logging.Add has collected.
//
// # Concurrency
//
// Everything here is safe for concurrent use.
package zerologging
