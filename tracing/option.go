// SPDX-License-Identifier: Apache-2.0

package tracing

import (
	"slices"

	"go.opentelemetry.io/otel/attribute"

	"github.com/asynclocal/asynclocal/internal/ambient"
	"github.com/asynclocal/asynclocal/internal/frame"
	"github.com/asynclocal/asynclocal/internal/ledger"
	"github.com/asynclocal/asynclocal/store"
)

// Option configures [Wrap], [Transport] or [TraceTasks]; each says which. Given to
// another it panics there, because it would do nothing.
type Option interface{ apply(*config) }

type config struct {
	taker string // the function that the options are given to

	activate   bool
	attributes func(*store.Request) []attribute.KeyValue // nil: none
	defaults   bool                                      // attributes is requestID
	baggage    []string                                  // members that become attributes
	goroutines bool                                      // become attributes
	bill       *ledger.Config                            // nil: none

	transport transportConfig
	tasks     func(store.Task) bool // nil: all
}

const (
	takerWrap      = "Wrap"
	takerTransport = "Transport"
	takerTasks     = "TraceTasks"
)

type option struct {
	name, taker string
	set         func(*config)
}

func (o option) apply(c *config) {
	if c.taker != o.taker {
		panic("tracing: " + c.taker + " does not take " + o.name + "; give it to " + o.taker)
	}
	o.set(c)
}

func newConfig(taker string, opts []Option) config {
	c := config{taker: taker, activate: true, attributes: requestID, defaults: true, transport: defaultTransportConfig()}
	return c.with(opts)
}

// with returns c with opts on top.
func (c config) with(opts []Option) config {
	for _, o := range opts {
		if o == nil {
			panic("tracing: " + c.taker + " with a nil Option; leave it out")
		}
		o.apply(&c)
	}
	return c
}

// need panics where an option was given nil: on the line that made the option.
func need(given bool, option, cure string) {
	if !given {
		panic("tracing: " + option + "(nil); " + cure)
	}
}

// WithoutActivation makes the spans that the provider starts stay out of the
// ambient context: they find their parent as others do, and are in the context
// that Start returns, but not even code below them that drops it finds them. It is
// for instrumentation that starts spans in one place and ends them in an unrelated
// one. An option of [Wrap]; the default is that a started span is the ambient
// active one until it ends.
func WithoutActivation() Option {
	return option{"WithoutActivation", takerWrap, func(c *config) { c.activate = false }}
}

// WithRequestAttributes sets what every span of a [store.Request] has as
// attributes, in the place of the default, its id as request.id. They are there
// when the span starts, for samplers to see; attributes of the same name that are
// given to Start win.
//
// f is called at each Start, on the goroutine that starts the span, and must be
// safe for concurrent use. A nil f panics. An option of [Wrap].
func WithRequestAttributes(f func(*store.Request) []attribute.KeyValue) Option {
	need(f != nil, "WithRequestAttributes", "leave the option out for the request's id, or give a function that returns nil for none")
	return option{"WithRequestAttributes", takerWrap, func(c *config) { c.attributes, c.defaults = f, false }}
}

// WithBaggageAttributes makes members of the baggage attributes of every span, under
// their own key: of the baggage of ctx, else of the ambient one. The default is
// none. Given twice, the lists add up. An option of [Wrap].
//
// Anyone can send baggage: name what has few, harmless values, and do not believe
// it. The fields of log lines are logging's to say; see [logging.AddTo].
//
// [logging.AddTo]: https://pkg.go.dev/github.com/asynclocal/asynclocal/logging#AddTo
func WithBaggageAttributes(keys ...string) Option {
	return option{"WithBaggageAttributes", takerWrap, func(c *config) { c.baggage = slices.Concat(c.baggage, keys) }}
}

// WithProfilerLabel makes key a label of the goroutines that work inside a sampled
// span, with the id of the outermost one, that of the request, in hexadecimal: what
// a continuous profiler finds the samples of a trace by. Pyroscope reads span_id.
// The default is none, because each value is a label set of its own in profiles.
//
// There is one such label in a process: the last one that was given. An empty key
// panics. An option of [Wrap].
func WithProfilerLabel(key string) Option {
	if key == "" || key == ambient.Key {
		panic(`tracing: WithProfilerLabel("` + key + `"): not a label of its own; write span_id or the like`)
	}
	return option{"WithProfilerLabel", takerWrap, func(*config) { frame.LabelSpans(key) }}
}
