// SPDX-License-Identifier: Apache-2.0

package jobs

import (
	"context"
	"time"

	"go.opentelemetry.io/otel/baggage"
	"go.opentelemetry.io/otel/trace"

	"github.com/asynclocal/asynclocal/internal/text"
	"github.com/asynclocal/asynclocal/store"
)

// Run calls f as the job that carrier belongs to, and returns f's error. The job is a separate
// store.Request. It has the id of the request that enqueued it, or a new one if carrier has no
// valid id; the name "job " and name, which must have few distinct values, because it labels
// profiles; the registered storages; and a consumer span "process " and name, a child of the
// enqueuing span or linked to it. If OpenTelemetry's global propagator has headers other than
// W3C's, they are read too, and used if there is no traceparent.
//
// The job sees what ctx carries where carrier has nothing, but not what is ambient on the calling
// goroutine, so that a worker that was started in a request does not work in its name. Run does not
// start a goroutine and does not cancel anything: deadlines are ctx's. A nil ctx counts as
// context.Background.
//
// An error is recorded on the span and the completion line. So is a panic, which then continues, as
// does runtime.Goexit. Any part of carrier that is bad counts as absent; so does a nil carrier.
//
// Run panics if f is nil. It may be called concurrently. For many jobs with the same options, make
// a Runner once.
func Run(ctx context.Context, carrier Carrier, name string, f func(context.Context) error, opts ...Option) error {
	if len(opts) == 0 {
		return defaultRunner.Run(ctx, carrier, name, f)
	}
	return NewRunner(opts...).Run(ctx, carrier, name, f)
}

var defaultRunner = NewRunner()

// Runner is Run with prepared options. It is safe for concurrent use.
type Runner struct {
	config config
	tracer tracer
}

// NewRunner returns a Runner.
func NewRunner(opts ...Option) *Runner {
	r := &Runner{config: newConfig(opts)}
	r.tracer.fixed = r.config.provider
	return r
}

// Run is like the function Run. It adds opts to the Runner's options; use those that describe one
// message: WithAttributes, WithFields, WithLink and WithBatch. WithTracerProvider, which would need
// another Runner, has no effect here.
func (r *Runner) Run(ctx context.Context, carrier Carrier, name string, f func(context.Context) error, opts ...Option) error {
	if f == nil {
		panic("jobs: Run with a nil function; pass the job's work")
	}
	if ctx == nil {
		ctx = context.Background()
	}
	w := &work{config: r.config, name: text.Valid(name, maxName), f: f}
	// Clipped, because concurrent jobs append to the same slices.
	w.config.clip()
	for _, o := range opts {
		if o == nil {
			panic("jobs: Run with a nil Option; leave it out")
		}
		o.apply(&w.config)
	}
	w.run(w.extract(ctx, carrier), r.tracer.get())
	return w.err
}

// work is one job being run.
type work struct {
	config
	name    string
	f       func(context.Context) error
	request *store.Request
	log     string                  // what the enqueuer's log lines have
	start   []trace.SpanStartOption // options of the span
	span    trace.Span
	begin   time.Time
	err     error
}

// extract reads carrier into w, and into the context that it returns.
func (w *work) extract(ctx context.Context, carrier Carrier) context.Context {
	id, _ := value(carrier, RequestIDKey)
	if !text.IsRequestID(id) {
		id = ""
	}
	w.request = store.NewRequest(id)
	w.request.SetName("job " + w.name)
	if w.lingerSet {
		w.request.SetLinger(w.linger)
	}
	own := baggage.FromContext(ctx)
	ctx = w.relate(w.propagator.Extract(ctx, textMap(carrier)), carrier)
	if w.public {
		return baggage.ContextWithBaggage(ctx, own)
	}
	w.log, _ = value(carrier, LogKey)
	return extractStorages(ctx, carrier)
}
