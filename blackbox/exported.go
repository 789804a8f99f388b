// SPDX-License-Identifier: Apache-2.0

package blackbox

import (
	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// ReasonKey is the attribute, on the request's own span, with the reason why its spans were
// exported.
const ReasonKey = attribute.Key("asynclocal.export_reason")

// The values of [ReasonKey].
const (
	ReasonFailed   = "failed"
	ReasonSlow     = "slow"
	ReasonLogged   = "error logged"
	ReasonAsked    = "asked for"
	ReasonTold     = "told"     // by another process, or by Export
	ReasonShutdown = "shutdown" // the request had not ended
)

// LostKey is the attribute, on the request's own span, with the number of spans that were over the
// limit.
const LostKey = attribute.Key("asynclocal.spans_lost")

// exportedSpan is a span as it is exported, with the sampled flag: processors and exporters leave
// out spans without it.
type exportedSpan struct {
	sdktrace.ReadOnlySpan
	reason string
	lost   int
}

// SpanContext returns the span's SpanContext, with the sampled flag.
func (s *exportedSpan) SpanContext() trace.SpanContext { return sampled(s.ReadOnlySpan.SpanContext()) }

// Parent returns the parent's SpanContext, with the sampled flag if the parent is exported too.
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

// Attributes returns the span's attributes and, for the request's own span, the reason.
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
