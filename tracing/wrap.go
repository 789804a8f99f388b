// SPDX-License-Identifier: Apache-2.0

package tracing

import (
	"context"
	"slices"
	"sync"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/embedded"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/asynclocal/asynclocal"

	"github.com/asynclocal/asynclocal/internal/placeholder"
)

// Wrap returns a TracerProvider whose spans find their parent: the span of the ctx given to Start,
// else what that ctx carries, else the ambient active span of the goroutine. The new span is then
// the ambient active one, until it ends or until the function that Run, Bind or Go called returns.
// Everything else is up to tp.
//
// Give the result to every instrumentation, or make it the global provider. It has the methods
// ForceFlush and Shutdown if tp has them; to reach other methods of tp's type, keep tp or use
// [Unwrap].
//
// Wrapping a wrapped provider does not wrap twice: it returns one around the same
// tp with the options of both, the later ones winning. A nil tp panics.
//
// Wrap(otel.GetTracerProvider()) panics as long as no provider has been set: installed as the
// global provider, the result would wrap only itself, and its spans would go nowhere. Give Wrap the
// SDK's provider. For instrumentation that may be made before main has set a provider, use
// [Follow].
func Wrap(tp trace.TracerProvider, opts ...Option) trace.TracerProvider {
	if tp == nil {
		panic("tracing: Wrap of a nil TracerProvider; give it the SDK's, otel.GetTracerProvider() or noop.NewTracerProvider()")
	}
	if placeholder.Is(tp) && otel.GetTracerProvider() == tp {
		panic("tracing: Wrap of the global TracerProvider before one was set: as the global one it would wrap itself, and its spans go nowhere; " +
			"give it the SDK's, as in otel.SetTracerProvider(tracing.Wrap(sdk)), or noop.NewTracerProvider(); " +
			"instrumentation that is made before main has set a provider takes tracing.Follow")
	}
	return wrap(tp, opts)
}

// Follow is [Wrap] for instrumentation that does not know what it is given. It also takes the
// global provider before another was set, and follows it when that happens; until then its spans do
// nothing. Do not make the result the global provider. A nil tp panics.
func Follow(tp trace.TracerProvider, opts ...Option) trace.TracerProvider {
	if tp == nil {
		panic("tracing: Follow of a nil TracerProvider; give it otel.GetTracerProvider()")
	}
	return wrap(tp, opts)
}

func wrap(tp trace.TracerProvider, opts []Option) trace.TracerProvider {
	if w, ok := tp.(wrapped); ok {
		p := w.unwrap()
		if len(opts) == 0 {
			return tp
		}
		return newProvider(p.inner, p.config.with(opts))
	}
	return newProvider(tp, newConfig(takerWrap, opts))
}

// Unwrap returns the TracerProvider that [Wrap] was given to make tp, and tp itself
// if Wrap did not make it.
func Unwrap(tp trace.TracerProvider) trace.TracerProvider {
	if w, ok := tp.(wrapped); ok {
		return w.unwrap().inner
	}
	return tp
}

// UnwrapSpan returns the wrapped provider's own span, for a type assertion such as to the SDK's
// ReadOnlySpan. It returns s itself if s is not from a wrapped provider. Do not end the span that
// it returns: s would stay the ambient active one.
func UnwrapSpan(s trace.Span) trace.Span {
	if own, ok := s.(*span); ok {
		return own.Span
	}
	return s
}

type wrapped interface{ unwrap() *provider }

// provider is a wrapped TracerProvider.
type provider struct {
	embedded.TracerProvider

	config config
	inner  trace.TracerProvider
	self   trace.TracerProvider // the provider, with the optional methods of inner
	own    *tracer              // of this package's scope

	tracers sync.Map // of scope to *tracer
}

func newProvider(inner trace.TracerProvider, c config) trace.TracerProvider {
	p := &provider{config: c, inner: inner}
	p.own = newTracer(p, ScopeName, []trace.TracerOption{trace.WithInstrumentationVersion(asynclocal.Version)})
	f, flushes := inner.(flusher)
	s, stops := inner.(stopper)
	switch {
	case flushes && stops:
		p.self = lifecycle{p, f, s}
	case flushes:
		p.self = flushing{p, f}
	case stops:
		p.self = stopping{p, s}
	default:
		p.self = p
	}
	return p.self
}

// Methods of the SDK's provider that callers look for by type assertion.
type (
	flusher interface{ ForceFlush(context.Context) error }
	stopper interface{ Shutdown(context.Context) error }

	flushing struct {
		*provider
		flusher
	}
	stopping struct {
		*provider
		stopper
	}
	lifecycle struct {
		*provider
		flusher
		stopper
	}
)

func (p *provider) unwrap() *provider { return p }

// Tracer returns a Tracer that wraps the wrapped provider's Tracer of that name. It returns the
// same one for the same name and options: much instrumentation asks for it with every span.
func (p *provider) Tracer(name string, opts ...trace.TracerOption) trace.Tracer {
	for _, o := range opts {
		if v, ok := o.(via); ok && v.provider == p {
			return noop.Tracer{}
		}
	}
	key := scope{name: name}
	if len(opts) > 0 {
		c := trace.NewTracerConfig(opts...)
		key = scope{name, c.InstrumentationVersion(), c.SchemaURL(), c.InstrumentationAttributes()}
	}
	if t, ok := p.tracers.Load(key); ok {
		return t.(*tracer)
	}
	t, _ := p.tracers.LoadOrStore(key, newTracer(p, name, slices.Clone(opts)))
	return t.(*tracer)
}

// scope is the identity of a tracer.
type scope struct {
	name, version, schema string
	attributes            attribute.Set
}

// via marks a call to the wrapped provider's Tracer, which comes back to us if the two delegate to
// each other. It has no other effect: it sets the default.
type via struct {
	trace.TracerOption
	provider *provider
}
