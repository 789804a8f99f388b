// SPDX-License-Identifier: Apache-2.0

package adapter

import (
	"context"
	"fmt"
	"net/http"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"

	"github.com/asynclocal/asynclocal/internal/text"
	"github.com/asynclocal/asynclocal/middleware/internal/httpconv"
)

// grace is how long after the end of the request's context an answer may come. An outer middleware
// may have made that context, and canceled it before the error handler answers; net/http's own ends
// when nothing more can come.
const grace = time.Second

// pending is the end of an exchange whose handler has failed, and which something outside is about
// to answer: a middleware that recovers or maps errors, or the framework. What the client gets is
// known when that has written it.
type pending struct {
	exchange *Exchange
	stop     func() bool

	mu      sync.Mutex
	outcome Outcome
}

// Await is Finish for a handler that failed, when something outside is going to answer after the
// middleware has returned. It reports whether there is an answer to come: if so, the middleware
// must see to it that [Exchange.Answered] is called. If the status was sent, the client has gone,
// or the response is given up, there is no answer to come, and Await is Finish.
func (x *Exchange) Await(r *http.Request, o Outcome) bool {
	if !x.tell(r, &o) {
		return false
	}
	x.recall(&o)
	if o.last || x.Committed() || x.clientGone() {
		x.finish(&o)
		return false
	}
	x.recorder().settle()
	x.stage |= waits
	p := &pending{exchange: x, outcome: o}
	x.pending = p
	p.stop = context.AfterFunc(x.base(), p.over)
	return true
}

// Answered reports what has been answered so far to a request that is waited for: its status, and
// how many bytes of the body, or less than 0 if no byte was written. The exchange ends with the
// first byte, or with a status that has no body; for an answer without a body that does not say so,
// it ends when the request's context does. If there is no answer within a second after that, the
// client got what net/http sends then: 200, and nothing after a panic. If a deadline of the context
// has passed, what the client got is not known.
//
// Call it on the goroutine that answers, after Await; without Await it does nothing.
func (x *Exchange) Answered(status int, size int64) {
	p := x.pending
	if p == nil {
		return
	}
	head := x.has(head)
	p.mu.Lock()
	p.outcome.status, p.outcome.end = status, time.Now()
	if !head {
		p.outcome.size = max(size, 0)
	}
	p.mu.Unlock()
	if size >= 0 || head || bodiless(status) {
		p.finish(false)
		p.stop()
	}
}

// Remeasure asks for the Attributes of the Outcome again, if they depend on the answer. Call it
// once the answer is known, after Await and before Answered. A panic of ask goes to OpenTelemetry's
// error handler, because the code that answers is not to blame. Without Await it does nothing.
func (x *Exchange) Remeasure(ask func() []attribute.KeyValue) {
	p := x.pending
	if p == nil || x.finished.Load() {
		return
	}
	defer func() {
		if value := recover(); value != nil {
			otel.Handle(fmt.Errorf("asynclocal: a function for the metrics of a request panicked: %s\n%s", text.Of(value, httpconv.MaxError), debug.Stack()))
		}
	}()
	all := slices.Clip(ask())
	p.mu.Lock()
	defer p.mu.Unlock()
	p.outcome.Attributes, p.outcome.asked = append(all, p.outcome.Attributes[p.outcome.asked:]...), len(all)
}

// bodiless reports whether no body follows a status.
func bodiless(status int) bool {
	return status < 200 || status == http.StatusNoContent || status == http.StatusNotModified
}

// over is called at the end of the request's context. If there is an answer by now, the request
// ends too.
func (p *pending) over() {
	p.mu.Lock()
	known := p.outcome.status != 0
	if !known {
		p.outcome.end = time.Now()
	}
	p.mu.Unlock()
	if known {
		p.finish(true)
		return
	}
	time.AfterFunc(grace, p.unanswered)
}

// unanswered ends a request whose error something outside may have kept to itself: net/http then
// sends 200, or nothing after a panic; if a deadline passed, what set it answers in its own way.
func (p *pending) unanswered() {
	p.mu.Lock()
	if p.outcome.status == 0 && !p.outcome.panicked() && !p.exchange.expired() {
		p.outcome.status = http.StatusOK
	}
	p.mu.Unlock()
	p.finish(true)
}

// finish may run on a goroutine of the context, while the answer is being written: the exchange
// takes the first result.
func (p *pending) finish(detached bool) {
	p.mu.Lock()
	o := p.outcome
	p.mu.Unlock()
	o.detached = detached
	p.exchange.finish(&o)
}
