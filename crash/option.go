// SPDX-License-Identifier: Apache-2.0

package crash

import (
	"context"
	"io"
	"log/slog"
	"os"
	"time"
)

// Option configures [Start].
type Option interface{ apply(*config) }

type option func(*config)

func (o option) apply(c *config) { o(c) }

// Report handles an Event. It runs in the monitor, where only the part of main before Start has
// run. It must finish before ctx is done: then the monitor ends.
type Report func(ctx context.Context, e Event) error

const defaultTimeout = 10 * time.Second

type config struct {
	reports    []Report
	timeout    time.Duration
	output     io.Writer
	supervise  bool
	labels     bool
	goroutines bool
}

func newConfig(opts []Option) config {
	c := config{timeout: defaultTimeout, output: io.Discard, labels: true, goroutines: true}
	for _, o := range opts {
		if o == nil {
			panic("crash: Start with a nil Option; leave it out")
		}
		o.apply(&c)
	}
	if len(c.reports) == 0 {
		panic("crash: Start without a report; say where the event goes, by WithReport or WithHandler")
	}
	return c
}

// WithReport hands the event to r, which may send it to zap, an OTel LoggerProvider or any other
// sink. Create and flush the sink in r: the monitor ends when all reports have returned. An error
// of r is written to stderr. Given twice, both are called, one after the other. A nil r panics.
func WithReport(r Report) Option {
	if r == nil {
		panic("crash: WithReport(nil); pass the function that takes the event")
	}
	return option(func(c *config) { c.reports = append(c.reports, r) })
}

// WithHandler writes the event to h as one record, at level Error, with the event's message and
// [Event.Attrs]. A nil h panics.
func WithHandler(h slog.Handler) Option {
	if h == nil {
		panic("crash: WithHandler(nil); pass the handler that writes the event")
	}
	return WithReport(func(ctx context.Context, e Event) error {
		r := slog.NewRecord(e.Time, slog.LevelError, "crash: "+e.Message, 0)
		r.AddAttrs(e.Attrs()...)
		return h.Handle(ctx, r)
	})
}

// WithTimeout sets how long all reports together may take. The default is 10 seconds. A value of
// zero or less panics.
func WithTimeout(d time.Duration) Option {
	if d <= 0 {
		panic("crash: WithTimeout(" + d.String() + "); it must be above zero")
	}
	return option(func(c *config) { c.timeout = d })
}

// WithOutput also writes the traceback to f, as debug.SetCrashOutput(f) would. A process has one
// crash output, and Start takes it, replacing one that was set before; if another is set later,
// there are no more events. By default the traceback is only on stderr. Given twice, the last one
// counts. A nil f panics.
func WithOutput(f *os.File) Option {
	if f == nil {
		panic("crash: WithOutput(nil); leave the option out for stderr alone")
	}
	return option(func(c *config) { c.output = f })
}

// WithSupervisor makes the process that was started the monitor, and runs the program below it, as
// Start does by itself as process 1. By default, other processes have the monitor below them. It
// has no effect on systems other than Unix.
func WithSupervisor() Option { return option(func(c *config) { c.supervise = true }) }

// WithoutLabels leaves GODEBUG alone. Before Go 1.27 the event then has no request, unless GODEBUG
// has tracebacklabels=1.
func WithoutLabels() Option { return option(func(c *config) { c.labels = false }) }

// WithoutGoroutines lets GOTRACEBACK decide which goroutines are printed: by default only the one
// that crashed, and then no others are counted.
func WithoutGoroutines() Option { return option(func(c *config) { c.goroutines = false }) }
