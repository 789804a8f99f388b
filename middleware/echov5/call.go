// SPDX-License-Identifier: Apache-2.0

package echov5

import (
	"net/http"

	"github.com/labstack/echo/v5"
	"go.opentelemetry.io/otel/attribute"

	"github.com/asynclocal/asynclocal/middleware/nethttp"
)

// call is one request on its way through the middleware.
type call struct {
	nethttp.Exchange
	*link
	c        *echo.Context
	response *echo.Response // whose writer the recorder is; nil: c's
	err      error          // what the next middleware outside is to see
	left     bool           // the handler has returned
}

// ServeHTTP is what happens inside the Request.
func (k *call) ServeHTTP(recorder http.ResponseWriter, r *http.Request) {
	outside := k.writer()
	k.setWriter(recorder)
	k.c.SetRequest(r)
	defer func() {
		if !k.left {
			value := recover()
			k.restore(recorder, outside)
			k.unwind(value)
		}
	}()
	o, answered := k.answer(k.next(k.c))
	k.restore(recorder, outside)
	k.end(o, answered)
	k.left = true
}

// unwind is what happens when the handler panicked, or called runtime.Goexit. The
// panic goes on, from the same stack.
func (k *call) unwind(value any) {
	nobodyRecovers, _ := calledByEcho(names(wholeStack()))
	k.end(k.Panicked(value), nobodyRecovers)
	if value != nil {
		panic(value)
	}
}

// end is the end of the exchange, if the request is answered, or if somebody outside
// may answer it the beginning of that. What has to be asked while the echo.Context is
// ours is asked here.
func (k *call) end(o nethttp.Outcome, answered bool) {
	k.SetRoute(k.c.Path())
	if k.config.metricAttributes != nil {
		o.Attributes = k.measured()
	}
	if answered {
		k.Finish(k.c.Request(), o)
	} else if k.Await(k.c.Request(), o) {
		k.listen()
	}
}

// measured asks for the metrics' attributes.
func (k *call) measured() []attribute.KeyValue { return k.config.metricAttributes(k.c) }
