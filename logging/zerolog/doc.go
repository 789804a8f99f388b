// SPDX-License-Identifier: Apache-2.0

// Package zerologging adds to zerolog lines what they belong to: the ids of the request and the
// span, and the fields of logging.Add, under the same names as on the lines of zap and slog.
//
//	logger := zerolog.New(os.Stdout).Hook(zerologging.NewHook())
//
// A line belongs to the ctx given by Event.Ctx, or to its logger by Context.Ctx. What ctx does not
// carry is taken from the goroutine, unless that works for another request. Explicit beats ambient.
//
// zerolog writes a field as soon as it is given, and a hook cannot see the fields of a line. So a
// field with the same name as an added one is on the line twice, the added one last. Redaction
// applies to the fields of logging.Add.
//
// # Concurrency
//
// Everything here is safe for concurrent use.
package zerologging
