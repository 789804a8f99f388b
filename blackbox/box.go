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

// Box keeps the spans of requests until it is known whether they are exported. [New] makes it.
type Box struct {
	config config
	next   sdktrace.SpanProcessor
	stop   func() // ends listening to how requests end

	shards [shards]shard
	sweeps sweeper

	sampler atomic.Bool // Sampler was called
	misused sync.Once
	closed  atomic.Bool
	counts  counts
}

var _ sdktrace.SpanProcessor = (*Box)(nil)

// New returns a Box that hands the spans to export to next. Give it to one TracerProvider, together
// with [Box.Sampler]. Without the sampler every span is sampled and passes through, and the first one
// reports that to OpenTelemetry's error handler. Shut the provider down at the end. New panics if
// next is nil.
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
	return &b.shards[id[15]%shards] // W3C says that the last bytes are random, and few ids are otherwise
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

// reason returns why s, a request's own span, is exported, as far as s itself says; "" for no reason.
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
	// Checked here too, because the completion line may be the first to consult the level rule.
	if r, ok := store.Current(); ok && asked(r) {
		return ReasonAsked
	}
	return ""
}

// hasException reports whether s has recorded an exception. A panic that ends a span leaves only
// that: the SDK leaves the status unset.
func hasException(s sdktrace.ReadOnlySpan) bool {
	return slices.ContainsFunc(s.Events(), func(e sdktrace.Event) bool { return e.Name == semconv.ExceptionEventName })
}

// isLocalRoot reports whether s is the first span of its trace in this process.
func isLocalRoot(s sdktrace.ReadOnlySpan) bool {
	p := s.Parent()
	return !p.IsValid() || p.IsRemote()
}

// hand exports the spans in h. No lock is held, because next is foreign code.
func (b *Box) hand(h handover) {
	if h.begins && b.config.share != nil && h.reason != ReasonTold {
		b.config.share(h.id)
	}
	for _, s := range h.spans {
		b.next.OnEnd(&exportedSpan{ReadOnlySpan: s, reason: h.reason, lost: h.lost})
	}
}

// Export makes b export the spans of the trace with that id, both those that are kept and later
// ones. Call it if the trace was asked for, or if another process reports it by [WithShare]. The call
// may come before the trace has begun here.
func (b *Box) Export(id trace.TraceID) {
	if id.IsValid() && !b.closed.Load() {
		b.hand(b.shard(id).keep(id, ReasonTold, true))
	}
}

// ForceFlush makes b a SpanProcessor. The spans to export have been handed on already.
func (b *Box) ForceFlush(ctx context.Context) error { return b.next.ForceFlush(ctx) }

// Shutdown makes b a SpanProcessor. It exports what is kept of the requests that have not ended, so
// nothing is lost if the process ends in the middle of them.
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

// asked reports whether r has its own level, and that is below Info: the level rule then asks for
// everything about r.
func asked(r *store.Request) bool {
	l, ok := logstate.Peek(r).Level()
	return ok && l < zapcore.InfoLevel
}
