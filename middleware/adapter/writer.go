// SPDX-License-Identifier: Apache-2.0

package adapter

import (
	"io"
	"net/http"
)

// Handlers check what else a ResponseWriter implements: with a Flusher they stream, without one
// they buffer. So a recorder has a shape for every combination of the interfaces that the writers
// of servers, and writers that wrap those, implement.
//
// Each shape is one pointer, which an interface holds without an allocation. The methods that are
// not listed here are in every shape, and return an error if they are not supported.
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
	if _, ok := rc.w.(http.CloseNotifier); ok { //nolint:staticcheck // deprecated, but some callers, such as gin, assert it unchecked
		what |= closes
	}
	if _, ok := rc.w.(http.Pusher); ok {
		what |= pushes
	}
	return shapes[what](rc)
}

// isBelow reports whether rc is w or a writer that w wraps.
func (rc *recorder) isBelow(w http.ResponseWriter) bool {
	for range maxWrapped {
		switch v := w.(type) {
		case interface{ itself() *recorder }:
			if v.itself() == rc {
				return true
			}
			w = v.itself().w
		case interface{ Unwrap() http.ResponseWriter }:
			w = v.Unwrap()
		default:
			return false
		}
	}
	return false
}

// maxWrapped bounds the search: a writer may unwrap to itself.
const maxWrapped = 32

func (rc *recorder) itself() *recorder { return rc }
