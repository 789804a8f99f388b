// SPDX-License-Identifier: Apache-2.0

package ginmiddleware

import (
	"bufio"
	"io"
	"net"
	"net/http"

	"github.com/gin-gonic/gin"
)

// writer is what a handler finds in c.Writer. Gin's own writer, which it wraps, holds a status
// until it is written, and may be given another one until then; so the recorder gets the status
// only when it is sent.
type writer struct {
	gin.ResponseWriter
	recorder http.ResponseWriter // around Gin's
	call     *call
	errors   int  // how many there were when the status was sent
	asked    int  // the status for which the metrics' attributes were asked for
	waits    bool // the handlers have left, and the answer is still to come
}

// Unwrap returns the recorder, for http.ResponseController.
func (w *writer) Unwrap() http.ResponseWriter { return w.recorder }

// commit is called just before the status is sent.
func (w *writer) commit() {
	if !w.Written() {
		w.errors = len(w.call.c.Errors)
		w.recorder.WriteHeader(w.Status())
	}
}

// tell reports to the exchange that waits what has been answered so far.
func (w *writer) tell() {
	if !w.waits {
		return
	}
	if status := w.Status(); status != w.asked && w.call.config.metricAttributes != nil {
		w.asked = status
		w.call.Remeasure(w.call.measured)
	}
	size := int64(w.Size())
	if size == 0 { // a body may follow
		size = -1
	}
	w.call.Answered(w.Status(), size)
}

// WriteHeader gives Gin the status to hold.
func (w *writer) WriteHeader(code int) {
	w.ResponseWriter.WriteHeader(code)
	w.tell()
}

// WriteHeaderNow sends the status.
func (w *writer) WriteHeaderNow() {
	w.commit()
	w.ResponseWriter.WriteHeaderNow()
	w.tell()
}

func (w *writer) Write(p []byte) (int, error) {
	w.commit()
	n, err := w.recorder.Write(p)
	w.tell()
	return n, err
}

// WriteString is Write for a string.
func (w *writer) WriteString(s string) (int, error) {
	w.commit()
	n, err := io.WriteString(w.recorder, s)
	w.tell()
	return n, err
}

// Flush sends what has been written.
func (w *writer) Flush() {
	w.commit()
	_ = http.NewResponseController(w.recorder).Flush() // Gin's does not return an error either
	w.tell()
}

// Hijack takes the connection over.
func (w *writer) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return http.NewResponseController(w.recorder).Hijack()
}
