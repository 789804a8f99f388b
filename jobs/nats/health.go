// SPDX-License-Identifier: Apache-2.0

package natsjobs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// Info is what a queue holds.
type Info struct {
	Jobs int // jobs that are not done
	Dead int // dead letters
}

// Info asks the server what the queue holds.
func (q *Queue) Info(ctx context.Context) (i Info, err error) {
	for stream, n := range map[jetstream.Stream]*int{q.live: &i.Jobs, q.dead: &i.Dead} {
		info, err := stream.Info(ctx)
		if err != nil {
			return Info{}, q.explain(fmt.Errorf("natsjobs: ask for stream %s: %w", stream.CachedInfo().Config.Name, err))
		}
		*n = int(info.State.Msgs)
	}
	return i, nil
}

// Health returns nil if, as far as can be known without trying, jobs can be published and worked
// on. Otherwise it returns why not: the connection is down, or the embedded server behind it is not
// healthy. It does not wait for anything.
func (q *Queue) Health() error {
	if err := q.broker(); err != nil {
		return fmt.Errorf("natsjobs: %w", err)
	}
	if !q.nc.IsConnected() {
		return fmt.Errorf("natsjobs: not connected to the broker at %s: %s", q.server(), q.nc.Status())
	}
	return nil
}

// broker asks a server in this process for its health.
func (q *Queue) broker() error {
	if s, ok := q.nc.Opts.InProcessServer.(interface{ Health() error }); ok {
		return s.Health()
	}
	return nil
}

// explain adds to err what the broker knows about it.
func (q *Queue) explain(err error) error {
	if why := q.broker(); why != nil {
		return fmt.Errorf("%w: %w", err, why)
	}
	return err
}

// server returns the address of the queue's server, without passwords.
func (q *Queue) server() string {
	if q.nc.Opts.InProcessServer != nil {
		return "this process"
	}
	if url := q.nc.ConnectedUrlRedacted(); url != "" {
		return url
	}
	return "any of its URLs"
}

// idleCheck is how often a worker that gets no jobs asks why.
const idleCheck = 5 * time.Second

// lookout checks, for a worker that gets no jobs, whether there are any.
type lookout struct {
	idle    time.Time // since when; zero if it gets some
	waiting bool      // there were jobs at the last look
	last    string    // what was reported
}

// look reports what keeps jobs from the worker: once, until the reason changes.
func (w *worker) look(ctx context.Context, got int) {
	l := &w.lookout
	if err := w.queue.broker(); err != nil {
		w.reportOnce(err)
		return
	}
	switch {
	case got > 0 || l.idle.IsZero():
		*l = lookout{idle: time.Now()}
	case time.Since(l.idle) >= idleCheck:
		l.idle = time.Now()
		w.ask(ctx)
	}
}

// ask looks into the queue. A job may arrive at any moment, so only jobs seen twice in a row count
// as kept back.
func (w *worker) ask(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, idleCheck)
	defer cancel()
	info, err := w.consumer.Info(ctx)
	switch {
	case errors.Is(ctx.Err(), context.Canceled): // Work is ending
	case err != nil:
		w.reportOnce(fmt.Errorf("natsjobs: ask for the jobs of %s: %w", w.queue.config.stream, err))
	case info.NumPending > 0 && w.lookout.waiting:
		w.reportOnce(fmt.Errorf("natsjobs: %s has %d jobs and delivers no job; is its disk full? its own log says more", w.queue.config.stream, info.NumPending))
	default:
		w.lookout.waiting = info.NumPending > 0
	}
}

func (w *worker) reportOnce(err error) {
	if text := err.Error(); text != w.lookout.last {
		w.lookout.last = text
		w.config.onError(err)
	}
}
