// SPDX-License-Identifier: Apache-2.0

// Package logruslogging lets the lines of logrus know their request: the ids of the request and
// the span, and the fields of logging.Add, under the same names as on zap's and slog's lines.
//
//	logger.AddHook(logruslogging.NewHook())
//
// A line belongs to the ctx that it is given by WithContext; what that does not carry the
// goroutine answers, unless it works for another request. Explicit beats ambient, and a field
// that the line has itself wins over one of ours.
//
// # Concurrency
//
// Everything here is safe for concurrent use.
package logruslogging
