// SPDX-License-Identifier: Apache-2.0

package telemetry

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// patience bounds a shutdown or a flush whose ctx has no deadline. Schedulers give a process more
// time to end.
const patience = 10 * time.Second

// part is one signal's provider.
type part struct {
	signal string
	flusher
}

type flusher interface {
	ForceFlush(context.Context) error
	Shutdown(context.Context) error
}

type ending struct {
	once sync.Once
	err  error
}

// add makes a provider the first to be flushed: it may still report something to a provider that
// was made before it.
func (t *Telemetry) add(signal string, f flusher) { t.parts = append([]part{{signal, f}}, t.parts...) }

// Shutdown exports what is left, metrics first, then spans, then lines, and ends the exporters and
// their goroutines. Each has its turn, even if one before it fails, and gets a share of the time
// that is left: a collector that does not answer must not cost the lines as well. A ctx without a
// deadline is given 10 seconds. Call Shutdown when nothing serves any more: after the server's
// shutdown and before an inspector's Close.
//
// Globals stay set: later spans and measurements go nowhere, and lines are still written to the
// output. Shutdown may be called more than once, and returns the first call's error. Errors of
// exporters name their signal.
func (t *Telemetry) Shutdown(ctx context.Context) error {
	t.ended.once.Do(func() {
		t.stopTasks()
		t.ended.err = t.each(ctx, "shutting down", flusher.Shutdown)
	})
	return t.ended.err
}

// ForceFlush exports what there is, in the order of [Telemetry.Shutdown], and ends nothing. A ctx
// without a deadline is given 10 seconds.
func (t *Telemetry) ForceFlush(ctx context.Context) error {
	return t.each(ctx, "flushing", flusher.ForceFlush)
}

func (t *Telemetry) each(ctx context.Context, doing string, f func(flusher, context.Context) error) error {
	if _, ok := ctx.Deadline(); !ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, patience)
		defer cancel()
	}
	var errs []error
	for i, p := range t.parts {
		if err := p.in(ctx, len(t.parts)-i, f); err != nil {
			errs = append(errs, fmt.Errorf("telemetry: %s %s: %w", doing, p.signal, err))
		}
	}
	return errors.Join(errs...)
}

// in calls f with a share of the time that ctx leaves: an equal part for each provider still to
// come.
func (p *part) in(ctx context.Context, shares int, f func(flusher, context.Context) error) error {
	if deadline, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Until(deadline)/time.Duration(shares))
		defer cancel()
	}
	return f(p.flusher, ctx)
}
