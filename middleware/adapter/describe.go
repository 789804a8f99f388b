// SPDX-License-Identifier: Apache-2.0

package adapter

import (
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"

	"github.com/asynclocal/asynclocal/internal/ledger"
)

// describe puts on the span what was not known when it started.
func (x *Exchange) describe(o *Outcome, r result) {
	if !o.detached {
		x.recorder().settle() // for a handler that has written nothing
	}
	if !x.span.IsRecording() {
		return
	}
	s := scratches.Get().(*scratch)
	defer s.release()
	if r.status != 0 {
		s.attributes.List = append(s.attributes.List, semconv.HTTPResponseStatusCode(r.status))
	}
	if r.errorType != "" {
		s.attributes.List = append(s.attributes.List, semconv.ErrorTypeKey.String(r.errorType))
	}
	if x.inst.bodySizes {
		s.attributes.List = append(s.attributes.List,
			semconv.HTTPRequestBodySize(int(x.read.Load())), semconv.HTTPResponseBodySize(int(x.size.Load())))
	}
	ledger.Peek(x.request).Settle().Tell(x.span)
	x.span.SetAttributes(s.attributes.List...)
	if !o.detached && !x.has(hijacked) {
		x.listHeaders(x.w.Header())
	}
	if r.errorType == "" {
		return
	}
	x.span.SetStatus(codes.Error, statusDescription(o, r.status))
	x.recordError(o)
}

// statusDescription is "" where the HTTP status says it all.
func statusDescription(o *Outcome, status int) string {
	if o.Err == nil || status >= 500 && !o.panicked() {
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
	if len(o.stack) > 0 {
		all = append(all, semconv.ExceptionStacktrace(string(o.stack)))
	}
	x.span.AddEvent(semconv.ExceptionEventName, trace.WithAttributes(all...))
}
