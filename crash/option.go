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

// Report is what is done with an Event. It runs in the monitor, where nothing of the program but
// what came before Start has happened, and has to be done when ctx is: then the monitor ends.
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

// WithReport hands the event to r: to zap, to an OTel LoggerProvider, or to whatever else there is.
// Make and flush that in r: the monitor ends when all reports have returned. An error of r is
// written to stderr. Given twice, both get it, one after the other. A nil r panics.
func WithReport(r Report) Option {
	if r == nil {
		panic("crash: WithReport(nil); pass the function that takes the event")
	}
	return option(func(c *config) { c.reports = append(c.reports, r) })
}

// WithHandler writes the event to h as one record, at the level Error, with the message as its
// message and [Event.Attrs]. A nil h panics.
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

// WithTimeout sets how long all reports together may take. The default is 10 seconds. What is not
// above zero panics.
func WithTimeout(d time.Duration) Option {
	if d <= 0 {
		panic("crash: WithTimeout(" + d.String() + "); it must be above zero")
	}
	return option(func(c *config) { c.timeout = d })
}

// WithOutput has the traceback written to f as well, as debug.SetCrashOutput(f) would. A process has
// one crash output, and Start takes it: in the place of one that was set before, and until another
// is set, after which there are no events. By default the traceback is on stderr alone. Given twice,
// the last one counts. A nil f panics.
func WithOutput(f *os.File) Option {
	if f == nil {
		panic("crash: WithOutput(nil); leave the option out for stderr alone")
	}
	return option(func(c *config) { c.output = f })
}

// WithSupervisor makes the process that was started the monitor, and runs the program below it, as
// Start does by itself as process 1. The default elsewhere is that the monitor is below. It
// has no effect on systems other than Unix.
func WithSupervisor() Option { return option(func(c *config) { c.supervise = true }) }

// WithoutLabels leaves GODEBUG alone. Before Go 1.27 the event then does not know the request,
// unless GODEBUG has tracebacklabels=1.
func WithoutLabels() Option { return option(func(c *config) { c.labels = false }) }

// WithoutGoroutines leaves it to GOTRACEBACK which goroutines are printed: by default the one that
// crashed alone, and then no others are counted.
func WithoutGoroutines() Option { return option(func(c *config) { c.goroutines = false }) }
