// SPDX-License-Identifier: Apache-2.0

package echov4

import (
	"context"
	"net/http"
	"sync/atomic"
	"time"

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

// grace is how long after the end of the request's context an answer may come. The
// context may be one that a middleware outside made, and has cancelled on its way
// to the error handler; net/http's own ends when nothing more can come.
const grace = time.Second

// await ends the exchange when the response is written, or else some time after
// the request's context has ended, which net/http sees to.
func (k *call) await(o exchange.Outcome) {
	k.complete(&o)
	p := &pending{exchange: &k.Exchange, outcome: o}
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
	p.stop = context.AfterFunc(k.Base(), func() {
		over := time.Now()
		time.AfterFunc(grace, func() { p.unanswered(over) })
	})
}

// unanswered is the end of a request whose error somebody kept to himself: net/http
// sends 200 then, and nothing after a panic; who let a deadline pass answers in his
// own way. It was over when its context was, and
// did not take the time that was waited since.
func (p *pending) unanswered(over time.Time) {
	if p.status.Load() == 0 && !p.outcome.Panicked() && !p.exchange.Expired() {
		p.status.Store(http.StatusOK)
	}
	p.finish(true, over)
}

// bodiless reports whether no write follows a status.
func bodiless(status int) bool {
	return status < 200 || status == http.StatusNoContent || status == http.StatusNotModified
}

func (p *pending) answered() {
	p.finish(false, time.Now())
	p.stop()
}

// finish may run on a goroutine of the context's, at the same time as the hooks:
// the exchange takes the first.
func (p *pending) finish(detached bool, end time.Time) {
	o := p.outcome
	o.Detached, o.End = detached, end
	o.Status, o.Size = int(p.status.Load()), p.size.Load()
	p.exchange.Finish(&o)
}
