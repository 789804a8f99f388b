// SPDX-License-Identifier: Apache-2.0

package adapter

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"time"
)

// recorder is an Exchange as the writer that its handler gets: it notes what is answered and passes
// it on. Its notes are atomic because the outcome may be read on another goroutine.
type recorder Exchange

// What is noted of an answer, beside the status and the size. They share a word, to keep a request
// within the size class that the runtime allocates for it.
const (
	head     = 1 << iota // a HEAD request: what is written is not sent
	hijacked             // the connection belongs to the handler
	failed               // a write did not reach the client
	broken               // the client stopped sending
	lost                 // the status did not reach the client
	informed             // a status of 1xx was sent, and our headers with it
	listed               // the headers of the answer are on the span
)

// around puts x's recorder around w.
func (x *Exchange) around(w http.ResponseWriter) {
	x.w = w
	if x.incoming.Method == http.MethodHead {
		x.note(head)
	}
}

func (x *Exchange) recorder() *recorder  { return (*recorder)(x) }
func (x *Exchange) has(flag uint32) bool { return x.flags.Load()&flag != 0 }
func (x *Exchange) note(flag uint32)     { x.flags.Or(flag) }

func (rc *recorder) of() *Exchange { return (*Exchange)(rc) }

func (rc *recorder) Header() http.Header { return rc.w.Header() }

// Unwrap returns the writer that the recorder wraps, for http.ResponseController. If that is not a
// Hijacker itself, but wraps one, so that the recorder is not a Hijacker either, a takeover of the
// connection bypasses all shapes, and is seen nonetheless.
func (rc *recorder) Unwrap() http.ResponseWriter {
	if _, wraps := rc.w.(wrapping); wraps {
		if _, ok := rc.w.(http.Hijacker); !ok {
			return beneath{rc}
		}
	}
	return rc.w
}

type wrapping interface{ Unwrap() http.ResponseWriter }

// beneath is a recorder that is about to be unwrapped.
type beneath struct{ *recorder }

func (w beneath) Unwrap() http.ResponseWriter                  { return w.w }
func (w beneath) Hijack() (net.Conn, *bufio.ReadWriter, error) { return w.hijack() }

func (rc *recorder) WriteHeader(code int) {
	if code >= 500 && rc.status.Load() == 0 {
		rc.of().witness()
	}
	if final(code) {
		rc.settle()
	} else if ids := rc.w.Header()[rc.inst.requestIDHeader]; len(ids) > 0 && ids[0] == rc.header[0] {
		rc.of().note(informed)
	}
	rc.w.WriteHeader(code) // which panics if code is not valid
	if !final(code) && rc.overruled() {
		code = http.StatusOK // timeoutWriter takes the first status for the last, and net/http adds this one
	}
	rc.commit(code)
}

// final reports whether no other status follows code.
func final(code int) bool { return code >= 200 || code == http.StatusSwitchingProtocols }

// settle fixes the headers before they go out. Without a writer there are no headers.
func (rc *recorder) settle() {
	if rc.w != nil && rc.status.Load() == 0 && !rc.of().has(hijacked) {
		rc.of().restate(rc.w.Header(), rc.of().has(informed))
	}
}

// commit notes the status that is sent: the first final one. What follows a hijack goes nowhere.
func (rc *recorder) commit(code int) {
	if !final(code) || rc.of().has(hijacked) || !rc.status.CompareAndSwap(0, int32(code)) {
		return
	}
	if rc.of().clientGone() {
		rc.of().note(lost)
	}
	rc.of().listHeaders(rc.w.Header())
}

func (rc *recorder) Write(p []byte) (int, error) {
	rc.settle()
	n, err := rc.w.Write(p)
	rc.wrote(int64(n), err)
	return n, err
}

func (rc *recorder) WriteString(s string) (int, error) {
	rc.settle()
	n, err := io.WriteString(rc.w, s)
	rc.wrote(int64(n), err)
	return n, err
}

func (rc *recorder) wrote(n int64, err error) {
	if rc.status.Load() == 0 {
		rc.commit(http.StatusOK)
	}
	if !rc.of().has(head) {
		rc.size.Add(n)
	}
	if err != nil && !refused(err) {
		rc.of().note(failed)
	}
}

// refused reports whether the server would not take a write, or took too long to: that says nothing
// about the client.
func refused(err error) bool {
	return errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, http.ErrBodyNotAllowed) || errors.Is(err, http.ErrContentLength) ||
		errors.Is(err, http.ErrHijacked) || errors.Is(err, http.ErrHandlerTimeout)
}

func (rc *recorder) readFrom(r io.Reader) (int64, error) {
	rc.settle()
	n, err := rc.w.(io.ReaderFrom).ReadFrom(r)
	if n > 0 { // otherwise nothing has been sent: a status may follow
		rc.wrote(n, nil) // err may be the reader's
	}
	return n, err
}

func (rc *recorder) closeNotify() <-chan bool {
	return rc.w.(http.CloseNotifier).CloseNotify() //nolint:staticcheck // see shape
}

func (rc *recorder) push(target string, o *http.PushOptions) error {
	return rc.w.(http.Pusher).Push(target, o)
}

// SetReadDeadline is for code that asks the writer instead of an http.ResponseController, and so
// are the next two methods.
func (rc *recorder) SetReadDeadline(t time.Time) error {
	return http.NewResponseController(rc.w).SetReadDeadline(t)
}

func (rc *recorder) SetWriteDeadline(t time.Time) error {
	return http.NewResponseController(rc.w).SetWriteDeadline(t)
}

func (rc *recorder) EnableFullDuplex() error {
	return http.NewResponseController(rc.w).EnableFullDuplex()
}

// FlushError is part of every shape: without an http.Flusher it returns an error, unless
// http.ResponseController finds one in a wrapped writer.
func (rc *recorder) FlushError() error { return rc.flush() }

func (rc *recorder) flush() error {
	rc.settle()
	err := http.NewResponseController(rc.w).Flush()
	if !errors.Is(err, http.ErrNotSupported) {
		rc.commit(http.StatusOK)
	}
	return err
}

func (rc *recorder) hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(rc.w).Hijack()
	if err == nil {
		rc.of().note(hijacked)
	}
	return conn, rw, err
}
