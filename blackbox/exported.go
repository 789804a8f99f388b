// SPDX-License-Identifier: Apache-2.0

package blackbox

import (
	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// ReasonKey is the attribute with the reason for which a request's spans were exported, on the
// request's own span.
const ReasonKey = attribute.Key("asynclocal.export_reason")

// The values of [ReasonKey].
const (
	ReasonFailed   = "failed"
	ReasonSlow     = "slow"
	ReasonLogged   = "error logged"
	ReasonAsked    = "asked for"
	ReasonTold     = "told"     // by another process, or by Export
	ReasonShutdown = "shutdown" // it had not ended
)

// LostKey is the attribute, on the request's own span, with the number of spans that were too
// many to keep.
const LostKey = attribute.Key("asynclocal.spans_lost")

// exportedSpan is a span as it is exported: processors and exporters leave out what has not the
// sampled flag.
type exportedSpan struct {
	sdktrace.ReadOnlySpan
	reason string
	lost   int
}

// SpanContext has the sampled flag.
func (s *exportedSpan) SpanContext() trace.SpanContext { return sampled(s.ReadOnlySpan.SpanContext()) }

// Parent has the sampled flag, if it is exported too.
func (s *exportedSpan) Parent() trace.SpanContext {
	p := s.ReadOnlySpan.Parent()
	if !p.IsValid() || p.IsRemote() {
		return p
	}
	return sampled(p)
}

func sampled(sc trace.SpanContext) trace.SpanContext {
	return sc.WithTraceFlags(sc.TraceFlags() | trace.FlagsSampled)
}

// Attributes are the span's, and on the request's own the reason.
func (s *exportedSpan) Attributes() []attribute.KeyValue {
	all := s.ReadOnlySpan.Attributes()
	if !isLocalRoot(s.ReadOnlySpan) {
		return all
	}
	all = append(all[:len(all):len(all)], ReasonKey.String(s.reason))
	if s.lost > 0 {
		all = append(all, LostKey.Int(s.lost))
	}
	return all
}
