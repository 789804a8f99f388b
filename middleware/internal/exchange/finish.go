// SPDX-License-Identifier: Apache-2.0

package exchange

import (
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"

	"github.com/asynclocal/asynclocal/logging"
	"github.com/asynclocal/asynclocal/middleware/internal/httpconv"
)

// Finish records how the exchange ended: metrics, completion line, span. Only the
// first call counts. It may be called on any goroutine.
func (x *Exchange) Finish(o *Outcome) {
	if !x.finished.CompareAndSwap(false, true) {
		return
	}
	s := x.server
	if o.Size != 0 {
		x.recorder.size.Store(o.Size)
	}
	elapsed := time.Since(x.start)
	if !o.End.IsZero() {
		elapsed = o.End.Sub(x.start)
	}
	r := x.result(o)
	x.describe(o, r)
	s.record(x.ctx, x, elapsed.Seconds(), measurement{r.status, x.scheme.String(), x.version(), r.errorType}, o.Extra)
	if s.metrics.active != nil {
		s.metrics.active.Add(x.ctx, -1, s.activeOptions(x))
	}
	logging.Complete(x.ctx, logging.Outcome{Failed: r.errorType != "", Duration: elapsed})
	x.log(o, r, elapsed)
	x.endSpan(x.start.Add(elapsed))
}

func (x *Exchange) endSpan(at time.Time) {
	s := scratches.Get().(*scratch)
	defer s.release()
	s.end[0] = trace.WithTimestamp(at)
	x.span.End(s.end[:]...)
}

// describe puts on the span what was not known when it started.
func (x *Exchange) describe(o *Outcome, r result) {
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
	if len(x.server.responseHeaders) > 0 && !o.Detached {
		s.attributes = appendHeaders(s.attributes, x.server.responseHeaders, x.recorder.Header())
	}
	x.span.SetAttributes(s.attributes...)
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
	return httpconv.Text(o.Err.Error(), httpconv.MaxError)
}

func (x *Exchange) recordError(o *Outcome) {
	if o.Err == nil {
		return
	}
	all := []attribute.KeyValue{
		semconv.ExceptionType(semconv.ErrorType(o.Err).Value.AsString()),
		semconv.ExceptionMessage(httpconv.Text(o.Err.Error(), httpconv.MaxError)),
	}
	if len(o.Stack) > 0 {
		all = append(all, semconv.ExceptionStacktrace(string(o.Stack)))
	}
	x.span.AddEvent(semconv.ExceptionEventName, trace.WithAttributes(all...))
}
