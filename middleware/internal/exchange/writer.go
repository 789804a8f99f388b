// SPDX-License-Identifier: Apache-2.0

package exchange

import (
	"io"
	"net/http"
)

// Handlers ask a ResponseWriter what else it is: one that is a Flusher streams, one that
// is not buffers. So a recorder comes in a shape for every combination of what the
// writers of servers are, and of what others that stand around those are.
//
// Each shape is one pointer, which an interface holds without an allocation. What is
// not here every shape has: it says by an error that there is no such thing.
const (
	flushes = 1 << iota // http.Flusher
	hijacks             // http.Hijacker
	reads               // io.ReaderFrom
	closes              // http.CloseNotifier
	pushes              // http.Pusher
)

func (rc *recorder) shape() http.ResponseWriter {
	what := 0
	if _, ok := rc.w.(http.Flusher); ok {
		what |= flushes
	}
	if _, ok := rc.w.(http.Hijacker); ok {
		what |= hijacks
	}
	if _, ok := rc.w.(io.ReaderFrom); ok {
		what |= reads
	}
	if _, ok := rc.w.(http.CloseNotifier); ok { //nolint:staticcheck // deprecated, and asked for without a question, by gin for one
		what |= closes
	}
	if _, ok := rc.w.(http.Pusher); ok {
		what |= pushes
	}
	return shapes[what](rc)
}
