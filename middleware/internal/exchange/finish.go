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
func (x *Exchange) Finish(o Outcome) {
	if !x.finished.CompareAndSwap(false, true) {
		return
	}
	s := x.server
	if o.Size != 0 {
		x.recorder.size.Store(o.Size)
	}
	elapsed := time.Since(x.start)
	status := x.status(&o)
	m := measurement{status, x.scheme, x.version, errorType(status, &o)}
	x.describe(&o, m)
	s.record(x.ctx, x, elapsed.Seconds(), m, o.Extra)
	if s.metrics.active != nil {
		s.metrics.active.Add(x.ctx, -1, s.activeOptions(x))
	}
	logging.Complete(x.ctx, logging.Outcome{Failed: m.errorType != "", Duration: elapsed})
	x.log(&o, m, elapsed)
	x.span.End(trace.WithTimestamp(x.start.Add(elapsed)))
}

// describe puts on the span what was not known when it started.
func (x *Exchange) describe(o *Outcome, m measurement) {
	if !x.span.IsRecording() {
		return
	}
	s := scratches.Get().(*scratch)
	defer s.release()
	if m.status != 0 {
		s.attributes = append(s.attributes, semconv.HTTPResponseStatusCode(m.status))
	}
	if m.errorType != "" {
		s.attributes = append(s.attributes, semconv.ErrorTypeKey.String(m.errorType))
	}
	if x.server.config.BodySizes {
		s.attributes = append(s.attributes,
			semconv.HTTPRequestBodySize(int(x.RequestSize())), semconv.HTTPResponseBodySize(int(x.ResponseSize())))
	}
	if len(x.server.responseHeaders) > 0 && x.recorder.w != nil {
		s.attributes = appendHeaders(s.attributes, x.server.responseHeaders, x.recorder.Header())
	}
	x.span.SetAttributes(s.attributes...)
	if m.errorType == "" {
		return
	}
	x.span.SetStatus(codes.Error, statusDescription(o, m.status))
	x.recordError(o)
}

// statusDescription is "" where the HTTP status says it all.
func statusDescription(o *Outcome, status int) string {
	if o.Err == nil || status >= 500 {
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
