// SPDX-License-Identifier: Apache-2.0

package exchange

import (
	"bufio"
	"io"
	"net"
	"net/http"
)

// Handlers ask a ResponseWriter what else it is: one that is a Flusher streams,
// one that is not buffers. So the recorder comes in the shapes that net/http has,
// and in those of the writers that others put around it. A combination that is not
// here loses the rarer half: http.ResponseController finds it through Unwrap.
//
// Each shape is one pointer, which an interface holds without an allocation.
type (
	plain     struct{ *recorder }
	flushing  struct{ *recorder }
	hijacking struct{ *recorder }
	http1     struct{ *recorder }
	http2     struct{ *recorder }
)

func (rc *recorder) shape() http.ResponseWriter {
	_, flusher := rc.w.(http.Flusher)
	if !flusher {
		return plain{rc}
	}
	if _, ok := rc.w.(http.Hijacker); ok {
		if _, ok := rc.w.(io.ReaderFrom); ok {
			return http1{rc}
		}
		return hijacking{rc}
	}
	if _, ok := rc.w.(http.Pusher); ok {
		return http2{rc}
	}
	return flushing{rc}
}

func (w flushing) Flush()            { _ = w.flush() }
func (w flushing) FlushError() error { return w.flush() }

func (w hijacking) Flush()            { _ = w.flush() }
func (w hijacking) FlushError() error { return w.flush() }
func (w hijacking) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return w.hijack()
}

func (w http1) Flush()            { _ = w.flush() }
func (w http1) FlushError() error { return w.flush() }
func (w http1) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return w.hijack()
}
func (w http1) ReadFrom(r io.Reader) (int64, error) { return w.readFrom(r) }

func (w http2) Flush()            { _ = w.flush() }
func (w http2) FlushError() error { return w.flush() }
func (w http2) Push(target string, opts *http.PushOptions) error {
	return w.w.(http.Pusher).Push(target, opts)
}
