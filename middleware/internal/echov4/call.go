// SPDX-License-Identifier: Apache-2.0

package echov4

import (
	"net/http"

	"github.com/labstack/echo/v4"
	"go.opentelemetry.io/otel/attribute"

	"github.com/asynclocal/asynclocal/middleware/adapter"
)

// call is one request on its way through the middleware. Its size is one that the
// runtime allocates: a word more costs four.
type call struct {
	adapter.Exchange
	*instance
	c    echo.Context
	next echo.HandlerFunc
	err  error // what the next middleware outside is to see
}

// ServeHTTP is what happens inside the Request.
func (k *call) ServeHTTP(recorder http.ResponseWriter, r *http.Request) {
	k.end(k.serve(recorder, r))
}

func (k *call) serve(recorder http.ResponseWriter, r *http.Request) (o adapter.Outcome, answered bool) {
	defer k.restore(recorder, k.enter(recorder))
	k.c.SetRequest(r)
	return k.answer(k.next(k.c))
}

// Unwind is what happens when the handler panicked, or called runtime.Goexit.
func (k *call) Unwind(o adapter.Outcome) { k.end(o, caller.Outermost()) }

// end is the end of the exchange, if the request is answered, or if something outside
// may answer it the beginning of that. What has to be asked while the echo.Context is
// ours is asked here.
func (k *call) end(o adapter.Outcome, answered bool) {
	o.Route = k.c.Path()
	if k.measures() {
		o.Attributes = k.measured()
	}
	if answered {
		k.Finish(k.c.Request(), o)
	} else if k.Await(k.c.Request(), o) {
		k.listen()
	}
}

// measures reports whether the metrics have more attributes than the conventions'.
func (k *call) measures() bool {
	return k.config.MetricAttributes != nil || k.config.IncomingAttributes != nil
}

// measured asks for them; of a key that both functions have, Echo's counts.
func (k *call) measured() (all []attribute.KeyValue) {
	if k.config.IncomingAttributes != nil {
		all = append(all, k.config.IncomingAttributes(k.Incoming())...)
	}
	if k.config.MetricAttributes != nil {
		all = append(all, k.config.MetricAttributes(k.c)...)
	}
	return all
}
