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

// grace is how long after the end of the request's context an answer may come. The
// context may be one that a middleware outside made, and has cancelled on its way
// to the error handler; net/http's own ends when nothing more can come.
const grace = time.Second

// pending is the ending of an exchange whose handler has failed, and which something
// outside is about to answer: a middleware that recovers or maps errors, or the
// framework. What the client gets is known when that has written it.
type pending struct {
	exchange *Exchange
	stop     func() bool

	mu      sync.Mutex
	outcome Outcome
}

// Await is Finish for a handler that failed, where something outside is going to answer when
// the middleware has returned. It reports whether there is an answer to come: then the
// middleware sees to it that [Exchange.Answered] is called. Where the status is out, the
// client has gone, or the response is given up, there is none, and Await is Finish.
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

// Answered says what has been answered by now to a request that is waited for: its
// status, and how many bytes of the body, less than 0 if no byte was written. The
// exchange ends with the first byte, or with a status that has no body; what is
// answered without one otherwise, when the request's context has. If there is no answer
// within a second of that, the client got what net/http sends then: 200, and
// nothing after a panic. Where the context had a deadline that passed, there is no
// telling.
//
// It is called by the goroutine that answers, after Await, and does nothing without.
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

// Remeasure asks for the Attributes of the Outcome again, where they depend on the
// answer: now that this is known, after Await and before Answered. A panic of ask goes to
// OpenTelemetry's error handler: what answers is not to blame. Without Await it does nothing.
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

// bodiless reports whether no write follows a status.
func bodiless(status int) bool {
	return status < 200 || status == http.StatusNoContent || status == http.StatusNotModified
}

// over is the end of the request's context: also of the request, if there is an
// answer by now.
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

// unanswered is the end of a request whose error something outside may have kept to itself:
// net/http sends 200 then, and nothing after a panic; what let a deadline pass answers
// in its own way.
func (p *pending) unanswered() {
	p.mu.Lock()
	if p.outcome.status == 0 && !p.outcome.panicked() && !p.exchange.expired() {
		p.outcome.status = http.StatusOK
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
	o.detached = detached
	p.exchange.finish(&o)
}
