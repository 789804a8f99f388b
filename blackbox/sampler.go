// SPDX-License-Identifier: Apache-2.0

package blackbox

import (
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// The member of tracestate by which the processes of a trace inform each other.
const (
	stateKey    = "asynclocal"
	stateExport = "export" // the trace is exported
	stateWait   = "wait"   // WithShare will report whether it is
)

// Sampler returns the Sampler that the TracerProvider of b needs. Spans that base samples are
// exported without waiting. All others are recorded, and b keeps them. A nil base samples only what
// the caller of the request has sampled.
func (b *Box) Sampler(base sdktrace.Sampler) sdktrace.Sampler {
	if base == nil {
		base = sdktrace.ParentBased(sdktrace.NeverSample())
	}
	b.sampler.Store(true)
	return &sampler{b, base}
}

type sampler struct {
	box  *Box
	base sdktrace.Sampler
}

// ShouldSample makes s a Sampler.
func (s *sampler) ShouldSample(p sdktrace.SamplingParameters) sdktrace.SamplingResult {
	r := s.base.ShouldSample(p)
	if r.Decision == sdktrace.RecordAndSample {
		return r
	}
	r.Decision = sdktrace.RecordOnly
	if parent := trace.SpanContextFromContext(p.ParentContext); parent.IsValid() && !parent.IsRemote() {
		if s.box.counts.open.Load() > 0 && s.box.shard(p.TraceID).isExported(p.TraceID) {
			r.Decision, r.Tracestate = sdktrace.RecordAndSample, with(r.Tracestate, stateExport)
		}
		return r
	}
	switch {
	case r.Tracestate.Get(stateKey) == stateExport:
		r.Decision = sdktrace.RecordAndSample
	case s.box.config.share != nil:
		r.Tracestate = with(r.Tracestate, stateWait)
	}
	return r
}

// Description makes s a Sampler.
func (s *sampler) Description() string { return "BlackBox{" + s.base.Description() + "}" }

// with returns state with our member as the leftmost.
func with(state trace.TraceState, value string) trace.TraceState {
	if state.Get(stateKey) == value {
		return state
	}
	if added, err := state.Insert(stateKey, value); err == nil {
		return added
	}
	return state
}
