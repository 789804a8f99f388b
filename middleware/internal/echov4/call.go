// SPDX-License-Identifier: Apache-2.0

package echov4

import (
	"net/http"

	"github.com/labstack/echo/v4"
	"go.opentelemetry.io/otel/attribute"

	"github.com/asynclocal/asynclocal/middleware/adapter"
)

// call is one request on its way through the middleware. Its size exactly fits a size class of the
// runtime: one word more costs four.
type call struct {
	adapter.Exchange
	*instance
	c    echo.Context
	next echo.HandlerFunc
	err  error // for the next middleware outside
}

// ServeHTTP runs the handler inside the Request.
func (k *call) ServeHTTP(recorder http.ResponseWriter, r *http.Request) {
	k.end(k.serve(recorder, r))
}

func (k *call) serve(recorder http.ResponseWriter, r *http.Request) (o adapter.Outcome, answered bool) {
	defer k.restore(recorder, k.enter(recorder))
	k.c.SetRequest(r)
	return k.answer(k.next(k.c))
}

// Unwind is called when the handler panicked, or called runtime.Goexit.
func (k *call) Unwind(o adapter.Outcome) { k.end(o, caller.Outermost()) }

// end ends the exchange if the request is answered; if something outside may still answer it, end
// only begins that. It asks everything that must be asked while the echo.Context still belongs to
// this request.
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

// measures reports whether the metrics have attributes beyond the conventions'.
func (k *call) measures() bool {
	return k.config.MetricAttributes != nil || k.config.IncomingAttributes != nil
}

// measured returns them; if both functions return a key, Echo's wins.
func (k *call) measured() (all []attribute.KeyValue) {
	if k.config.IncomingAttributes != nil {
		all = append(all, k.config.IncomingAttributes(k.Incoming())...)
	}
	if k.config.MetricAttributes != nil {
		all = append(all, k.config.MetricAttributes(k.c)...)
	}
	return all
}
