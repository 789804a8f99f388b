// SPDX-License-Identifier: Apache-2.0

// Package logstate is what the log lines of one request share, on whichever logger they
// are written, and what of that goes with the request's jobs: the fields that were added,
// and the request's own level. Package logging reads and sets it; package jobs puts it
// into a message by [Export], and reads it on the other side by [Import].
//
// Everything here is safe for concurrent use.
package logstate
