// SPDX-License-Identifier: Apache-2.0

package blackbox

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"
	"go.uber.org/zap/zapcore"

	"github.com/asynclocal/asynclocal/internal/ending"
	"github.com/asynclocal/asynclocal/internal/logstate"
	"github.com/asynclocal/asynclocal/store"
)

// Box keeps the spans of requests until it is known whether they are exported. It is made by
// [New].
type Box struct {
	config config
	next   sdktrace.SpanProcessor
	stop   func() // of being told how requests end

	shards [shards]shard
	sweeps sweeper

	sampler atomic.Bool // has been made
	misused sync.Once
	closed  atomic.Bool
	counts  counts
}

var _ sdktrace.SpanProcessor = (*Box)(nil)

// New returns a Box that hands the spans that are to be exported to next. Give it to one
// TracerProvider, with [Box.Sampler]: without that every span is sampled and passes through, which
// the first says to OpenTelemetry's error handler. Shut the provider down at the end. A
// nil next panics.
func New(next sdktrace.SpanProcessor, opts ...Option) *Box {
	if next == nil {
		panic("blackbox: New of a nil SpanProcessor; give it the one that exports, such as sdktrace.NewBatchSpanProcessor(exporter)")
	}
	b := &Box{config: newConfig(opts), next: next}
	for i := range b.shards {
		b.shards[i].init(&b.config, &b.counts)
	}
	b.sweeps.box = b
	b.stop = ending.Listen(&ending.Listener{Ended: b.ended, Errored: b.errored})
	return b
}

func (b *Box) shard(id trace.TraceID) *shard {
	return &b.shards[id[15]%shards] // the last bytes are random by W3C's rule, and in what few do otherwise
}

// OnStart makes b a SpanProcessor.
func (b *Box) OnStart(parent context.Context, s sdktrace.ReadWriteSpan) {
	b.next.OnStart(parent, s)
	sc := s.SpanContext()
	if !isLocalRoot(s) || b.closed.Load() {
		return
	}
	if !b.sampler.Load() {
		b.misused.Do(func() { otel.Handle(errNoSampler) })
	}
	if !sc.IsSampled() {
		b.shard(sc.TraceID()).begin(sc.TraceID(), s.Parent().TraceState().Get(stateKey) == stateWait)
	}
}

var errNoSampler = errors.New("blackbox: a span was started by a TracerProvider without the Sampler of its Box, which keeps nothing then; " +
	"add sdktrace.WithSampler(box.Sampler(nil))")

// OnEnd makes b a SpanProcessor.
func (b *Box) OnEnd(s sdktrace.ReadOnlySpan) {
	sc := s.SpanContext()
	if sc.IsSampled() {
		b.next.OnEnd(s)
		return
	}
	if b.closed.Load() {
		return
	}
	why, root := "", isLocalRoot(s)
	if root {
		why = b.reason(s)
	}
	h := b.shard(sc.TraceID()).end(s, root, why)
	if h.waits {
		b.sweeps.arm()
	}
	b.hand(h)
}

// reason is why s, a request's own span, is exported, as far as it says so itself.
func (b *Box) reason(s sdktrace.ReadOnlySpan) string {
	c := &b.config
	switch {
	case s.Status().Code == codes.Error || hasException(s):
		return ReasonFailed
	case c.slow > 0 && s.EndTime().Sub(s.StartTime()) >= c.slow:
		return ReasonSlow
	case c.wanted != nil && c.wanted(s):
		return ReasonAsked
	}
	// Asked here too, as the completion line may be the first to ask the level rule.
	if r, ok := store.Current(); ok && asked(r) {
		return ReasonAsked
	}
	return ""
}

// hasException reports whether s has recorded an error. A panic that ends a span is that alone: the
// SDK leaves the status unset.
func hasException(s sdktrace.ReadOnlySpan) bool {
	return slices.ContainsFunc(s.Events(), func(e sdktrace.Event) bool { return e.Name == semconv.ExceptionEventName })
}

// isLocalRoot reports whether s is the first span of its trace in this process.
func isLocalRoot(s sdktrace.ReadOnlySpan) bool {
	p := s.Parent()
	return !p.IsValid() || p.IsRemote()
}

// hand exports what is in h. No lock is held: next is foreign code.
func (b *Box) hand(h handover) {
	if h.begins && b.config.share != nil && h.reason != ReasonTold {
		b.config.share(h.id)
	}
	for _, s := range h.spans {
		b.next.OnEnd(&exportedSpan{ReadOnlySpan: s, reason: h.reason, lost: h.lost})
	}
}

// Export has the spans of the trace of that id exported, those that are kept and those to come: it
// was asked for, or another process says so by [WithShare]. It may come before the
// trace has begun here.
func (b *Box) Export(id trace.TraceID) {
	if id.IsValid() && !b.closed.Load() {
		b.hand(b.shard(id).keep(id, ReasonTold, true))
	}
}

// ForceFlush makes b a SpanProcessor. What is to be exported has been handed on already.
func (b *Box) ForceFlush(ctx context.Context) error { return b.next.ForceFlush(ctx) }

// Shutdown makes b a SpanProcessor. Requests that have not ended are exported, as far as they
// have come: nothing is lost if the process is ended in their middle.
func (b *Box) Shutdown(ctx context.Context) error {
	if b.closed.Swap(true) {
		return nil
	}
	b.stop()
	b.sweeps.stop()
	for i := range b.shards {
		for _, h := range b.shards[i].drain() {
			b.hand(h)
		}
	}
	return errors.Join(b.config.execution.wait(ctx), b.next.Shutdown(ctx))
}

// asked reports whether r has a level of its own that is below Info: the level rule
// asks for all that is known of it.
func asked(r *store.Request) bool {
	l, ok := logstate.Peek(r).Level()
	return ok && l < zapcore.InfoLevel
}
