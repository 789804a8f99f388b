// SPDX-License-Identifier: Apache-2.0

package nethttp

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/asynclocal/asynclocal/middleware/internal/exchange"
)

// grace is how long after the end of the request's context an answer may come. The
// context may be one that a middleware outside made, and has cancelled on its way
// to the error handler; net/http's own ends when nothing more can come.
const grace = time.Second

// pending is the ending of an exchange whose handler has failed, and which somebody
// outside is about to answer: a middleware that recovers or maps errors, or the
// framework. What the client gets is known when they have written it.
type pending struct {
	exchange *exchange.Exchange
	head     bool
	stop     func() bool

	mu      sync.Mutex
	outcome exchange.Outcome
}

func (x *Exchange) await(r *http.Request, o exchange.Outcome) *pending {
	p := &pending{exchange: &x.inner, head: r.Method == http.MethodHead, outcome: o}
	p.stop = context.AfterFunc(x.inner.Base(), p.over)
	return p
}

func (p *pending) answered(status int, size int64) {
	p.mu.Lock()
	p.outcome.Status, p.outcome.End = status, time.Now()
	if !p.head {
		p.outcome.Size = max(size, 0)
	}
	p.mu.Unlock()
	if size >= 0 || p.head || bodiless(status) {
		p.finish(false)
		p.stop()
	}
}

// bodiless reports whether no write follows a status.
func bodiless(status int) bool {
	return status < 200 || status == http.StatusNoContent || status == http.StatusNotModified
}

// over is the end of the request's context: also of the request, if there is an
// answer by now.
func (p *pending) over() {
	p.mu.Lock()
	known := p.outcome.Status != 0
	if !known {
		p.outcome.End = time.Now()
	}
	p.mu.Unlock()
	if known {
		p.finish(true)
		return
	}
	time.AfterFunc(grace, p.unanswered)
}

// unanswered is the end of a request whose error somebody may have kept to himself:
// net/http sends 200 then, and nothing after a panic; who let a deadline pass answers
// in his own way.
func (p *pending) unanswered() {
	p.mu.Lock()
	if p.outcome.Status == 0 && !p.outcome.Panicked() && !p.exchange.Expired() {
		p.outcome.Status = http.StatusOK
	}
	p.mu.Unlock()
	p.finish(true)
}

// finish may run on a goroutine of the context's, at the same time as the answer is
// written: the exchange takes the first.
func (p *pending) finish(detached bool) {
	p.mu.Lock()
	o := p.outcome
	p.mu.Unlock()
	o.Detached = detached
	p.exchange.Finish(&o)
}
