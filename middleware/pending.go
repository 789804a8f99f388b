// SPDX-License-Identifier: Apache-2.0

package middleware

import (
	"context"
	"net/http"
	"sync/atomic"

	"github.com/asynclocal/asynclocal/middleware/internal/exchange"
)

// pending is an exchange whose handler has failed, and which somebody outside is
// about to answer: a Recover, a middleware that maps errors, Echo's error handler.
// What the client gets is known when they have written it.
type pending struct {
	exchange *exchange.Exchange
	outcome  exchange.Outcome
	status   atomic.Int32
	size     atomic.Int64
	stop     func() bool
}

// await ends the exchange when the response is written, or else when the server
// has ended the request: net/http cancels its context then.
func (k *call) await(o exchange.Outcome) {
	k.complete(&o)
	p := &pending{exchange: k.exchange, outcome: o}
	response, head := k.c.Response(), k.c.Request().Method == http.MethodHead
	response.Before(func() {
		p.status.Store(int32(response.Status))
		if head || bodiless(response.Status) {
			p.answered()
		}
	})
	response.After(func() {
		if !head {
			p.size.Store(response.Size)
		}
		p.answered()
	})
	p.stop = context.AfterFunc(k.exchange.Context, p.finish)
}

// bodiless reports whether no write follows a status.
func bodiless(status int) bool {
	return status < 200 || status == http.StatusNoContent || status == http.StatusNotModified
}

func (p *pending) answered() {
	p.finish()
	p.stop()
}

// finish may run on a goroutine of the context's, at the same time as the hooks:
// the exchange takes the first.
func (p *pending) finish() {
	o := p.outcome
	o.Status, o.Size = int(p.status.Load()), p.size.Load()
	p.exchange.Finish(o)
}
