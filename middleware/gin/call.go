// SPDX-License-Identifier: Apache-2.0

package ginmiddleware

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"
	"go.opentelemetry.io/otel/attribute"

	"github.com/asynclocal/asynclocal/middleware/adapter"
)

// call is one request on its way through the middleware.
type call struct {
	adapter.Exchange
	*instance
	c      *gin.Context
	writer writer
}

// ServeHTTP runs the handlers inside the Request.
func (k *call) ServeHTTP(recorder http.ResponseWriter, r *http.Request) {
	k.writer = writer{ResponseWriter: k.c.Writer, recorder: recorder, call: k}
	k.c.Writer, k.c.Request = &k.writer, r
	k.c.Next()
	k.end(k.outcome())
}

// outcome returns what c.Errors says about how the handlers left. An error that is attached before
// the answer is the one that is answered, and AbortWithError attaches it after a status that says
// so; any other error was late.
func (k *call) outcome() adapter.Outcome {
	last := k.c.Errors.Last()
	switch {
	case last == nil:
		return adapter.Outcome{}
	case len(k.c.Errors) > k.writer.errors && k.writer.Status() < http.StatusBadRequest:
		return k.Returned(last.Err)
	}
	return adapter.Outcome{Err: last.Err}
}

// end ends the exchange. If the answer is still to come, from a middleware outside for an error or
// from Gin for an unknown path, end only begins that. Any other status that Gin still holds is sent
// as it is.
func (k *call) end(o adapter.Outcome) {
	k.measure(&o)
	k.writer.asked = k.writer.Status()
	switch answered := k.writer.Written(); {
	case k.Committed():
		k.finish(o)
	case answered: // by Engine.HandleContext, past our writer
		k.await(o)
	case o.Err != nil || k.c.FullPath() == "":
		k.await(o)
	default:
		if status := k.writer.Status(); status != http.StatusOK { // which net/http sends by itself, if the client is there
			k.writer.recorder.WriteHeader(status)
		}
		k.finish(o)
	}
}

func (k *call) finish(o adapter.Outcome) {
	k.restore()
	k.Finish(k.c.Request, o)
}

// await leaves the writer in place to observe the answer. If no answer comes later, what has been
// written so far is the answer. For HEAD, the first write counts as all of it, and the status that
// Gin begins with does not count yet.
func (k *call) await(o adapter.Outcome) {
	if k.writer.waits = k.Await(k.c.Request, o); !k.writer.waits {
		k.restore()
		return
	}
	if k.writer.Status() != http.StatusOK || k.c.Request.Method != http.MethodHead {
		k.writer.tell()
	}
}

// restore gives the middleware outside its writer back. A writer that a middleware inside has left
// in its place stays.
func (k *call) restore() {
	if k.c.Writer == gin.ResponseWriter(&k.writer) {
		k.c.Writer = k.writer.ResponseWriter
	}
}

// Unwind is called when a handler panicked, or called runtime.Goexit.
func (k *call) Unwind(o adapter.Outcome) {
	aborted := errors.Unwrap(o.Err) == http.ErrAbortHandler //nolint:errorlint // net/http compares with == too
	outside := k.outside()
	if aborted && slices.ContainsFunc(outside, isRecovery) && !k.Committed() {
		// Gin's Recovery does not answer it, and then Gin sends the status it has.
		o = k.Recovered(http.ErrAbortHandler, nil)
		k.measure(&o)
		k.await(o)
		return
	}
	k.measure(&o)
	if len(outside) == 0 {
		k.finish(o)
	} else {
		k.writer.waits = k.Await(k.c.Request, o)
	}
}

const ours = "github.com/asynclocal/asynclocal/middleware/gin.(*instance).handle-fm"

// outside returns the names of the handlers outside this middleware; one of them may recover.
func (k *call) outside() []string {
	names := k.c.HandlerNames()
	return names[:max(slices.Index(names, ours), 0)]
}

func isRecovery(handler string) bool {
	return strings.HasPrefix(handler, "github.com/gin-gonic/gin.CustomRecoveryWithWriter.")
}

// measure adds what must be asked while the gin.Context still belongs to this request.
func (k *call) measure(o *adapter.Outcome) {
	o.Route = k.c.FullPath()
	if k.config.metricAttributes != nil {
		o.Attributes = k.measured()
	}
}

// measured returns the metrics' attributes.
func (k *call) measured() []attribute.KeyValue { return k.config.metricAttributes(k.c) }
