// SPDX-License-Identifier: Apache-2.0

package tracing

import (
	"slices"

	"go.opentelemetry.io/otel/attribute"

	"github.com/asynclocal/asynclocal/internal/ambient"
	"github.com/asynclocal/asynclocal/internal/billing"
	"github.com/asynclocal/asynclocal/internal/exception"
	"github.com/asynclocal/asynclocal/internal/frame"
	"github.com/asynclocal/asynclocal/store"
)

// Option configures [Wrap], [Transport] or [TraceTasks]; each option says which. Given to another
// function it panics there, because it would have no effect.
type Option interface{ apply(*config) }

type config struct {
	taker string // the function that the options are given to

	activate   bool
	attributes func(*store.Request) []attribute.KeyValue // nil: no attributes
	defaults   bool                                      // attributes is requestID
	baggage    []string                                  // members that become attributes
	goroutines bool                                      // become attributes
	exceptions exception.Recorder
	bill       *billing.Config // nil: none

	transport transportConfig
	tasks     func(store.Task) bool // nil: every task
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

// need panics if an option was given nil, on the line that made the option.
func need(given bool, option, cure string) {
	if !given {
		panic("tracing: " + option + "(nil); " + cure)
	}
}

// WithoutActivation keeps the spans that the provider starts out of the ambient context: they find
// their parent as others do, and are in the context that Start returns, but code below them that
// drops that context does not find them. It is for instrumentation that starts spans in one place
// and ends them in an unrelated one. An option of [Wrap]; by default a started span is the ambient
// active one until it ends.
func WithoutActivation() Option {
	return option{"WithoutActivation", takerWrap, func(c *config) { c.activate = false }}
}

// WithRequestAttributes sets the attributes of every span of a [store.Request]. They replace the
// default, which is the id as request.id. They are set when the span starts, so that samplers see
// them. Attributes of the same name that are given to Start win.
//
// f is called at each Start, on the goroutine that starts the span, and must be safe for concurrent
// use. A nil f panics. An option of [Wrap].
func WithRequestAttributes(f func(*store.Request) []attribute.KeyValue) Option {
	need(f != nil, "WithRequestAttributes", "leave the option out for the request's id, or give a function that returns nil for none")
	return option{"WithRequestAttributes", takerWrap, func(c *config) { c.attributes, c.defaults = f, false }}
}

// WithBaggageAttributes makes members of the baggage attributes of every span, under their own key.
// It uses the baggage of ctx, else the ambient one. The default is no keys. Given twice, the lists
// add up. An option of [Wrap].
//
// Anyone can send baggage: name keys with few, harmless values, and do not trust the values. The
// fields of log lines are set in package logging; see [logging.AddTo].
//
// [logging.AddTo]: https://pkg.go.dev/github.com/asynclocal/asynclocal/logging#AddTo
func WithBaggageAttributes(keys ...string) Option {
	return option{"WithBaggageAttributes", takerWrap, func(c *config) { c.baggage = slices.Concat(c.baggage, keys) }}
}

// WithProfilerLabel makes key a label of the goroutines that work inside a sampled span. The value
// is the id of the outermost span, that of the request, in hexadecimal; a continuous profiler uses
// it to find the samples of a trace. Pyroscope reads span_id. The default is no label, because each
// value is a separate label set in profiles.
//
// There is one such label in a process: the last one given. An empty key panics. An option of
// [Wrap].
func WithProfilerLabel(key string) Option {
	if key == "" || key == ambient.Key {
		panic(`tracing: WithProfilerLabel("` + key + `"): not a label of its own; write span_id or the like`)
	}
	return option{"WithProfilerLabel", takerWrap, func(*config) { frame.LabelSpans(key) }}
}
