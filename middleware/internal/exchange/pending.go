// SPDX-License-Identifier: Apache-2.0

package exchange

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

// Pending is the ending of an exchange whose handler has failed, and which somebody
// outside is about to answer: a middleware that recovers or maps errors, or the
// framework. What the client gets is known when they have written it.
type Pending struct {
	exchange *Exchange
	stop     func() bool

	mu      sync.Mutex
	outcome Outcome
}

// Await is Finish for a handler that failed, where somebody outside is going to
// answer. Where there is no answer to come, because the status is out, the client
// has gone, or o is the last that is heard of the request, it is Finish, and returns
// nil.
func (x *Exchange) Await(o *Outcome) *Pending {
	x.recall(o)
	if o.Last || x.Committed() || x.ClientGone() {
		x.Finish(o)
		return nil
	}
	x.recorder.settle()
	x.waits = true
	p := &Pending{exchange: x, outcome: *o}
	p.stop = context.AfterFunc(x.Base(), p.over)
	return p
}

// Answered says what has been answered by now: the status, and how many bytes of the
// body, less than 0 if no byte was written. The exchange ends with the first byte, or
// with a status that has no body; what is answered without one otherwise, when the
// request's context has. It is called by the goroutine that answers.
func (p *Pending) Answered(status int, size int64) {
	head := p.exchange.recorder.has(head)
	p.mu.Lock()
	p.outcome.Status, p.outcome.End = status, time.Now()
	if !head {
		p.outcome.Size = max(size, 0)
	}
	p.mu.Unlock()
	if size >= 0 || head || bodiless(status) {
		p.finish(false)
		p.stop()
	}
}

// Ask asks for the metrics' attributes again, now that the answer is known. What ask
// panics with goes to OpenTelemetry's error handler: whoever answers is not to blame.
func (p *Pending) Ask(ask func() []attribute.KeyValue) {
	if p.exchange.finished.Load() {
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
	p.outcome.Extra, p.outcome.Asked = append(all, p.outcome.Extra[p.outcome.Asked:]...), len(all)
}

// bodiless reports whether no write follows a status.
func bodiless(status int) bool {
	return status < 200 || status == http.StatusNoContent || status == http.StatusNotModified
}

// over is the end of the request's context: also of the request, if there is an
// answer by now.
func (p *Pending) over() {
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
func (p *Pending) unanswered() {
	p.mu.Lock()
	if p.outcome.Status == 0 && !p.outcome.Panicked() && !p.exchange.Expired() {
		p.outcome.Status = http.StatusOK
	}
	p.mu.Unlock()
	p.finish(true)
}

// finish may run on a goroutine of the context's, at the same time as the answer is
// written: the exchange takes the first.
func (p *Pending) finish(detached bool) {
	p.mu.Lock()
	o := p.outcome
	p.mu.Unlock()
	o.Detached = detached
	p.exchange.Finish(&o)
}
