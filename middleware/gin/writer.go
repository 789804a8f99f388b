// SPDX-License-Identifier: Apache-2.0

package ginmiddleware

import (
	"bufio"
	"io"
	"net"
	"net/http"

	"github.com/gin-gonic/gin"
)

// writer is what a handler finds in c.Writer. Gin's own, which it stands around, keeps a
// status until it is written, and may be given another one until then; so the recorder
// is told of it when it goes out, and not before.
type writer struct {
	gin.ResponseWriter
	recorder http.ResponseWriter // around that
	call     *call
	errors   int  // how many there were when the status went out
	asked    int  // with which status the metrics' attributes were asked for
	waits    bool // the handlers have left, and the answer is still to come
}

// Unwrap returns the recorder, for http.ResponseController.
func (w *writer) Unwrap() http.ResponseWriter { return w.recorder }

// commit is about to have the status sent.
func (w *writer) commit() {
	if !w.Written() {
		w.errors = len(w.call.c.Errors)
		w.recorder.WriteHeader(w.Status())
	}
}

// tell tells the exchange that waits what has been answered by now.
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

// WriteHeader gives Gin the status to keep.
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

// WriteString is Write of a string.
func (w *writer) WriteString(s string) (int, error) {
	w.commit()
	n, err := io.WriteString(w.recorder, s)
	w.tell()
	return n, err
}

// Flush sends what there is.
func (w *writer) Flush() {
	w.commit()
	_ = http.NewResponseController(w.recorder).Flush() // as Gin's does, which returns no error
	w.tell()
}

// Hijack takes the connection over.
func (w *writer) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return http.NewResponseController(w.recorder).Hijack()
}
