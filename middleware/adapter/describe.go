// SPDX-License-Identifier: Apache-2.0

package adapter

import (
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/log"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"

	"github.com/asynclocal/asynclocal/internal/billing"
	"github.com/asynclocal/asynclocal/internal/exception"
)

// describe records on the span what was not known when it started.
func (x *Exchange) describe(o *Outcome, r result) {
	if !o.detached {
		x.recorder().settle() // for a handler that has written nothing
	}
	if r.errorType != "" {
		x.recordError(o)
	}
	if !x.span.IsRecording() {
		return
	}
	if x.inst.fields != nil {
		x.span.SetAttributes(x.inst.fields(x.request)...)
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
	billing.Peek(x.request).Settle().Tell(x.span)
	x.span.SetAttributes(s.attributes.List...)
	if !o.detached && !x.has(hijacked) {
		x.listHeaders(x.w.Header())
	}
	if r.errorType != "" {
		x.span.SetStatus(codes.Error, statusDescription(o, r.status))
	}
}

// statusDescription returns "" if the HTTP status says it all.
func statusDescription(o *Outcome, status int) string {
	if o.Err == nil || status >= 500 && !o.panicked() {
		return ""
	}
	return o.message()
}

func (x *Exchange) recordError(o *Outcome) {
	if o.Err == nil || !x.inst.exceptions.Wants(x.span) {
		return
	}
	x.inst.exceptions.Record(x.ctx, x.span, &exception.Exception{
		Name: exception.Server, Type: typeOf(o.Err), Message: o.message(), Stack: string(o.stack), Severity: log.SeverityError,
	})
}
