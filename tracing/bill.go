// SPDX-License-Identifier: Apache-2.0

package tracing

import (
	"context"
	"net/http"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/asynclocal/asynclocal/bill"
	"github.com/asynclocal/asynclocal/internal/billing"
)

// WithBill sums what each Request does, from the spans that the provider starts, sampled or not.
// Package bill describes the bill, where it is shown, and what it costs. The option also observes
// bound work by store.Observe, once, for the rest of the process. A provider that does nothing has
// no spans to sum. The default is no bill. An option of [Wrap].
func WithBill(opts ...bill.Option) Option {
	c := billing.NewConfig("tracing: WithBill", opts)
	return option{"WithBill", takerWrap, func(to *config) {
		billing.Open()
		to.bill = c
	}}
}

func init() {
	billing.Around = func(ctx context.Context) *billing.Op {
		if s, ok := SpanFrom(ctx).(*span); ok {
			return s.op
		}
		return nil
	}
}

// account counts s, which has started, if a bill counts such spans. Until now s.op is the operation
// that its parent works in. Times are the span's own, if it has any, so that the sums are those of
// the trace.
func (s *span) account(name string, opts []trace.SpanStartOption) {
	c := s.tracer.provider.config.bill
	if c == nil || s.request == nil || len(opts) == 0 {
		return
	}
	started := trace.NewSpanStartConfig(opts...)
	if k := started.SpanKind(); k == trace.SpanKindServer || k == trace.SpanKindConsumer {
		return
	}
	at := started.Timestamp()
	if own, ok := s.Span.(interface{ StartTime() time.Time }); ok {
		at = own.StartTime()
	} else if at.IsZero() {
		at = time.Now()
	}
	quiet, _ := billing.Expected.From(s.start.Context)
	if o := billing.Of(s.request, c).Start(s.op, name, started.SpanKind(), started.Attributes(), at, quiet); o != nil {
		o.Own(s)
		s.op = o
	}
}

// counted returns the operation that s is, or nil if it is none.
func (s *span) counted() *billing.Op {
	if s.op == nil || !s.op.Is(s) {
		return nil
	}
	return s.op
}

// IsRecording reports whether the wrapped span records, or a bill needs what would be recorded:
// instrumentations give nothing to a span that does not record.
func (s *span) IsRecording() bool {
	return s.Span.IsRecording() || s.counted() != nil
}

// SetStatus sets the span's status.
func (s *span) SetStatus(code codes.Code, description string) {
	if o := s.counted(); o != nil && code == codes.Error {
		o.Fail()
	}
	s.Span.SetStatus(code, description)
}

// RecordError records err as an event of the span.
func (s *span) RecordError(err error, opts ...trace.EventOption) {
	if o := s.counted(); o != nil && err != nil {
		o.Record(err, nameOf)
	}
	s.Span.RecordError(err, opts...)
}

func (s *span) learn(kv []attribute.KeyValue) {
	if o := s.counted(); o != nil {
		o.Learn(kv)
	}
}

// endAccount ends the operation that s is, when the span ends or a panic comes before that.
func (s *span) endAccount(opts []trace.SpanEndOption) {
	o := s.counted()
	if o == nil {
		return
	}
	at := time.Time{}
	if len(opts) > 0 {
		c := trace.NewSpanEndConfig(opts...)
		at = c.Timestamp()
	} else if own, ok := s.Span.(interface{ EndTime() time.Time }); ok {
		at = own.EndTime()
	}
	if at.IsZero() {
		at = time.Now()
	}
	o.End(at)
}

// opOf returns the operation that s is, or nil if it is none.
func opOf(s trace.Span) *billing.Op {
	if own, ok := s.(*span); ok {
		return own.counted()
	}
	return nil
}

func countSent(s trace.Span, req *http.Request) {
	if o := opOf(s); o != nil && req.ContentLength > 0 {
		o.Sent(req.ContentLength)
	}
}
