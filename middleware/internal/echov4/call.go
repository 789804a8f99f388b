// SPDX-License-Identifier: Apache-2.0

package echov4

import (
	"net/http"

	"github.com/labstack/echo/v4"
	"go.opentelemetry.io/otel/attribute"

	"github.com/asynclocal/asynclocal/middleware/internal/exchange"
)

// call is one request on its way through the middleware. Its size is one that the
// runtime allocates: a word more costs four.
type call struct {
	exchange.Exchange
	*instance
	c    echo.Context
	next echo.HandlerFunc // nil when it has returned
	err  error            // what the next middleware outside is to see
}

// Serve is what happens inside the Request.
func (k *call) Serve(r *http.Request) {
	k.c.SetRequest(r)
	response := k.c.Response()
	outside := response.Writer
	recorder := k.Writer(outside)
	response.Writer = recorder
	defer func() {
		// A writer that a middleware inside has left there on purpose stays: the answer to
		// an error, and what a handler writes that was given up, goes through that.
		if response.Writer == recorder {
			response.Writer = outside
		}
		if k.next != nil {
			k.unwind(recover())
		}
	}()
	k.end(k.answer(k.next(k.c)))
	k.next = nil
}

// unwind is what happens when the handler panicked, or called runtime.Goexit. The
// panic goes on, from the same stack.
func (k *call) unwind(value any) {
	nobodyRecovers, _ := calledByEcho(names(wholeStack()))
	k.end(exchange.PanickedWith(value), nobodyRecovers)
	if value != nil {
		panic(value)
	}
}

// end is the end of the exchange, if the request is answered, or if somebody outside
// may answer it the beginning of that. What has to be asked while the echo.Context is
// ours is asked here.
func (k *call) end(o exchange.Outcome, answered bool) {
	k.SetRoute(k.c.Path())
	if k.config.MetricAttributes != nil {
		o.Extra = k.measured()
		o.Asked = len(o.Extra)
	}
	if form := k.c.Request().MultipartForm; form != nil {
		_ = form.RemoveAll() // net/http does that for the request it made, not for our copy
	}
	if answered {
		k.Finish(&o)
	} else if p := k.Await(&o); p != nil {
		k.listen(p)
	}
}

// measured asks for the metrics' attributes.
func (k *call) measured() []attribute.KeyValue { return k.config.MetricAttributes(k.c, k.Incoming()) }

// listen hears of the answer that somebody outside gives.
func (k *call) listen(p *exchange.Pending) {
	response := k.c.Response()
	response.Before(func() {
		if k.config.MetricAttributes != nil {
			p.Ask(k.measured)
		}
		p.Answered(response.Status, -1)
	})
	response.After(func() { p.Answered(response.Status, response.Size) })
}
