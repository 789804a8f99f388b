// SPDX-License-Identifier: Apache-2.0

package logging

import (
	"go.uber.org/zap/zapcore"

	"github.com/asynclocal/asynclocal/internal/exception"
	"github.com/asynclocal/asynclocal/logging/redact"
	"github.com/asynclocal/asynclocal/store"
)

// Option changes how a core or handler correlates its lines.
type Option interface{ apply(*config) }

type optionFunc func(*config)

func (f optionFunc) apply(c *config) { f(c) }

// config does not change once newConfig has returned it.
type config struct {
	scheme      Scheme
	passContext bool
	goroutines  bool
	fixed       bool // requests' own levels do not count
	level       func(*store.Request) (zapcore.Level, bool)
	sample      sampler
	recorder    *recorder
	events      bool // from eventLevel on
	eventLevel  zapcore.Level
	status      bool
	exceptions  exception.Recorder
	redaction   []redact.Option
	redactor    *redact.Redactor
	selective   bool // whether a line is written takes more than its level
	problems    []string
}

// newConfig returns the defaults with opts applied. It panics if they make no
// sense together: a logger is built at start-up, by a programmer.
func newConfig(opts []Option) *config {
	c := &config{scheme: OTel()}
	for _, o := range opts {
		if o == nil {
			panic("logging: a nil Option; leave it out")
		}
		o.apply(c)
	}
	c.validate()
	if c.goroutines {
		c.scheme = c.scheme.withGoroutines()
	}
	c.redactor = redact.New(c.redaction...)
	c.selective = c.level != nil || c.sample != nil || c.recorder != nil
	if c.recorder != nil {
		recorders.Store(true)
	}
	return c
}

func (c *config) validate() {
	if c.recorder != nil && c.recorder.lines == 0 && len(c.problems) == 0 {
		c.reject("WithSlowThreshold without WithFlightRecorder, which says what is kept of a slow request; add it")
	}
	if c.fixed && c.level != nil {
		c.reject("WithLevel and WithoutRequestLevel contradict each other; leave one out")
	}
	for _, p := range c.problems {
		panic("logging: " + p)
	}
}

func (c *config) reject(problem string) { c.problems = append(c.problems, problem) }

// WithScheme sets under which keys, and in which form, a line shows what it
// belongs to. The default is OTel.
func WithScheme(s Scheme) Option { return optionFunc(func(c *config) { c.scheme = s }) }

// WithContext hands the context that a line belongs to on to the wrapped core, as
// a field that encoders skip, for a core that asks for one: the contrib bridge
// otelzap takes the trace context of an OTLP record from it. An explicit context
// is always handed on; this adds the ambient one. It is off by default, for it
// may cost an allocation.
func WithContext() Option { return optionFunc(func(c *config) { c.passContext = true }) }

// WithRedaction says what must not be seen of the values that are logged, by the options
// of package redact: fields by key, headers and query parameters by name. Given twice,
// the options add up. By default headers and query parameters are left out, and
// nothing else.
func WithRedaction(opts ...redact.Option) Option {
	return optionFunc(func(c *config) { c.redaction = append(c.redaction, opts...) })
}
