// SPDX-License-Identifier: Apache-2.0

// Package logruslogging adds to logrus lines what they belong to: the ids of the request and the
// span, and the fields of logging.Add, under the same names as on the lines of zap and slog.
//
//	logger.AddHook(logruslogging.NewHook())
//
// A line belongs to the ctx given by WithContext. What ctx does not carry is taken from the
// goroutine, unless that works for another request. Explicit beats ambient, and the line's own
// fields win over the added ones.
//
// # Concurrency
//
// Everything here is safe for concurrent use.
package logruslogging
