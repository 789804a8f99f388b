// SPDX-License-Identifier: Apache-2.0

package exchange

import (
	"fmt"
	"runtime/debug"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"

	"github.com/asynclocal/asynclocal/internal/text"
	"github.com/asynclocal/asynclocal/logging"
	"github.com/asynclocal/asynclocal/middleware/internal/httpconv"
)

// Finish records how the exchange ended: metrics, completion line, span. Only the
// first call counts. It may be called on any goroutine.
//
// What it hands that to is foreign code, and may panic. The request has been handled
// by then: none of it costs the rest, nor the answer.
func (x *Exchange) Finish(o *Outcome) {
	if x.finished.Load() || x.postpone(o) || !x.finished.CompareAndSwap(false, true) {
		return
	}
	x.recall(o)
	if o.Size != 0 {
		x.recorder.size.Store(o.Size)
	}
	elapsed := time.Since(x.start)
	if !o.End.IsZero() {
		elapsed = o.End.Sub(x.start)
	}
	r := x.result(o)
	for s := range step(len(steps)) {
		x.guarded(s, o, r, elapsed)
	}
}

// step is one of an exchange's last.
type step int

var steps = [...]string{"describing the span", "measuring", "ending the flight recorder", "writing the completion line", "ending the span"}

// guarded takes a step. A panic goes to OpenTelemetry's error handler, for the logger
// may be what has panicked. There is no record of the arguments, and no list of
// functions: the outcome would be allocated for those.
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
		x.measure(o, r, elapsed)
	case 2:
		logging.Complete(x.ctx, logging.Outcome{Failed: r.errorType != "", Duration: elapsed})
	case 3:
		x.log(o, r, elapsed)
	case 4:
		x.endSpan(x.start.Add(elapsed))
	}
}

func (x *Exchange) measure(o *Outcome, r result, elapsed time.Duration) {
	s := x.server
	if s.metrics.active != nil {
		defer func() { s.metrics.active.Add(x.ctx, -1, s.activeOptions(x)) }()
	}
	s.record(x.ctx, x, elapsed.Seconds(), measurement{r.status, x.scheme.String(), x.version(), r.errorType}, o.Extra)
}

func (x *Exchange) endSpan(at time.Time) {
	s := scratches.Get().(*scratch)
	defer s.release()
	s.end[0] = trace.WithTimestamp(at)
	x.span.End(s.end[:]...)
}

// describe puts on the span what was not known when it started.
func (x *Exchange) describe(o *Outcome, r result) {
	if !o.Detached {
		x.recorder.settle() // for a handler that has written nothing
	}
	if !x.span.IsRecording() {
		return
	}
	s := scratches.Get().(*scratch)
	defer s.release()
	if r.status != 0 {
		s.attributes = append(s.attributes, semconv.HTTPResponseStatusCode(r.status))
	}
	if r.errorType != "" {
		s.attributes = append(s.attributes, semconv.ErrorTypeKey.String(r.errorType))
	}
	if x.server.config.BodySizes {
		s.attributes = append(s.attributes,
			semconv.HTTPRequestBodySize(int(x.RequestSize())), semconv.HTTPResponseBodySize(int(x.ResponseSize())))
	}
	x.span.SetAttributes(s.attributes...)
	if !o.Detached && !x.recorder.has(hijacked) {
		x.listHeaders(x.recorder.Header())
	}
	if r.errorType == "" {
		return
	}
	x.span.SetStatus(codes.Error, statusDescription(o, r.status))
	x.recordError(o)
}

// statusDescription is "" where the HTTP status says it all.
func statusDescription(o *Outcome, status int) string {
	if o.Err == nil || status >= 500 && !o.Panicked() {
		return ""
	}
	return o.message()
}

func (x *Exchange) recordError(o *Outcome) {
	if o.Err == nil {
		return
	}
	all := []attribute.KeyValue{
		semconv.ExceptionType(typeOf(o.Err)),
		semconv.ExceptionMessage(o.message()),
	}
	if len(o.Stack) > 0 {
		all = append(all, semconv.ExceptionStacktrace(string(o.Stack)))
	}
	x.span.AddEvent(semconv.ExceptionEventName, trace.WithAttributes(all...))
}
