// SPDX-License-Identifier: Apache-2.0

package adapter

import (
	"fmt"
	"net/http"
	"runtime/debug"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/trace"

	"github.com/asynclocal/asynclocal/internal/text"
	"github.com/asynclocal/asynclocal/logging"
	"github.com/asynclocal/asynclocal/middleware/internal/httpconv"
)

// Finish reports that r has been answered, and how the handler left; r is the request as the
// handler left it. It records metrics, completion line and span, and removes the temporary files of
// r's form. Only the first call of Finish or Await counts.
func (x *Exchange) Finish(r *http.Request, o Outcome) {
	if x.tell(r, &o) {
		x.finish(&o)
	}
}

// tell completes o, if it is the first report of how the handler left.
func (x *Exchange) tell(r *http.Request, o *Outcome) (first bool) {
	if x.stage&told != 0 {
		return false
	}
	x.stage |= told
	if x.inst.config.route != nil {
		o.Route = x.inst.config.route(r)
	}
	x.setRoute(o.Route)
	o.asked = len(o.Attributes)
	if x.inst.metricAttributes != nil {
		o.Attributes = append(o.Attributes[:o.asked:o.asked], x.inst.metricAttributes(r)...)
	}
	if r.MultipartForm != nil {
		_ = r.MultipartForm.RemoveAll() // net/http does that for the request that it made, not for our copy
	}
	return true
}

// finish records how the exchange ended: metrics, completion line, span. Only the first call
// counts. It may be called on any goroutine.
//
// It calls foreign code, which may panic. The request has been handled by then: a panic costs
// neither the other records nor the answer.
func (x *Exchange) finish(o *Outcome) {
	if x.finished.Load() || x.postpone(o) || !x.finished.CompareAndSwap(false, true) {
		return
	}
	x.recall(o)
	if o.size != 0 {
		x.size.Store(o.size)
	}
	elapsed := time.Since(x.start)
	if !o.end.IsZero() {
		elapsed = o.end.Sub(x.start)
	}
	r := x.result(o)
	for s := range step(len(steps)) {
		x.guarded(s, o, r, elapsed)
	}
}

// step is one of the last steps of an exchange.
type step int

var steps = [...]string{"describing the span", "measuring", "ending the flight recorder", "writing the completion line", "ending the span"}

// guarded takes a step. A panic goes to OpenTelemetry's error handler, because the logger may be
// what has panicked. It takes no struct of arguments, and no list of functions: they would make the
// outcome escape to the heap.
func (x *Exchange) guarded(s step, o *Outcome, r result, elapsed time.Duration) {
	defer func() {
		if value := recover(); value != nil {
			otel.Handle(fmt.Errorf("asynclocal: %s of a request panicked: %s\n%s", steps[s], text.Of(value, httpconv.MaxError), debug.Stack()))
		}
	}()
	switch s {
	case 0:
		x.describe(o, r)
	case 1:
		x.measure(o.Attributes, r, elapsed)
	case 2:
		logging.Complete(x.ctx, logging.Outcome{Failed: r.errorType != "", Duration: elapsed})
	case 3:
		x.log(o, r, elapsed)
	case 4:
		x.endSpan(x.start.Add(elapsed))
	}
}

func (x *Exchange) endSpan(at time.Time) {
	if !x.span.IsRecording() {
		x.span.End() // the time of the end is not visible
		return
	}
	s := scratches.Get().(*scratch)
	defer s.release()
	s.end[0] = trace.WithTimestamp(at)
	x.span.End(s.end[:]...)
}
