// SPDX-License-Identifier: Apache-2.0

// Package logstate holds what the log lines of one request share, on any logger, and the part of it
// that travels with the request's jobs: the added fields, and the request's own level. Package
// logging reads and sets it; package jobs puts it into a message with [Export], and reads it on the
// other side with [Import].
//
// Everything here is safe for concurrent use.
package logstate
