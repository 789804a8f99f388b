// SPDX-License-Identifier: Apache-2.0

package tracing

import (
	"context"
	"reflect"
	"slices"
	"sync"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/embedded"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/asynclocal/asynclocal"
)

// Wrap returns a TracerProvider whose spans find their parent: the span of the ctx
// given to Start, else what that ctx carries, else the ambient active span of the
// goroutine. The new span is then the ambient active one, until it ends or until
// the function that Run, Bind or Go called returns. Everything else is tp's.
//
// Give the result to every instrumentation, or make it the global provider. It has
// the methods ForceFlush and Shutdown where tp has them; what only tp's own type
// has is reached by keeping tp, or by [Unwrap].
//
// Wrapping a wrapped provider does not wrap twice: it returns one around the same
// tp with the options of both, the later ones winning. A nil tp panics.
//
// Wrap(otel.GetTracerProvider()) panics as long as no provider has been set: made the
// global one, the result would have nothing below it but itself, and its spans would go
// nowhere. Give Wrap the SDK's provider. Instrumentation that may be made before main has
// set one takes [Follow].
func Wrap(tp trace.TracerProvider, opts ...Option) trace.TracerProvider {
	if tp == nil {
		panic("tracing: Wrap of a nil TracerProvider; give it the SDK's, otel.GetTracerProvider() or noop.NewTracerProvider()")
	}
	if isUnset(tp) {
		panic("tracing: Wrap of the global TracerProvider before one was set: as the global one it would wrap itself, and its spans go nowhere; " +
			"give it the SDK's, as in otel.SetTracerProvider(tracing.Wrap(sdk)), or noop.NewTracerProvider(); " +
			"instrumentation that is made before main has set a provider takes tracing.Follow")
	}
	return wrap(tp, opts)
}

// Follow is [Wrap] for instrumentation that does not know what it is given: the global
// provider too before another was set, which it follows when that happens. Until then its
// spans do nothing. Do not make the result the global provider. A nil tp panics.
func Follow(tp trace.TracerProvider, opts ...Option) trace.TracerProvider {
	if tp == nil {
		panic("tracing: Follow of a nil TracerProvider; give it otel.GetTracerProvider()")
	}
	return wrap(tp, opts)
}

// isUnset reports whether tp is what stands for the global provider until one is set. It goes
// by the type's name, as there is no other way; if that is another one day, Wrap takes it
// as it did.
func isUnset(tp trace.TracerProvider) bool {
	t := reflect.TypeOf(tp)
	return t.Kind() == reflect.Pointer && t.Elem().Name() == "tracerProvider" &&
		t.Elem().PkgPath() == "go.opentelemetry.io/otel/internal/global" && otel.GetTracerProvider() == tp
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

// UnwrapSpan returns the wrapped provider's own span, for a type assertion such as
// to the SDK's ReadOnlySpan, and s itself if it is not from a wrapped provider. Do
// not end the span that it returns: s would stay the ambient active one.
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
	self   trace.TracerProvider // the provider, with the methods of inner that are optional
	own    *tracer              // of this package's scope

	tracers sync.Map // of scope to *tracer
}

func newProvider(inner trace.TracerProvider, c config) trace.TracerProvider {
	p := &provider{config: c, inner: inner}
	p.own = &tracer{provider: p, name: ScopeName,
		opts: []trace.TracerOption{trace.WithInstrumentationVersion(asynclocal.Version)}}
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

// The methods of the SDK's provider that others assert it for.
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

// Tracer returns a Tracer of the wrapped provider's Tracer of that name. For the same
// name and options it is the same one: many ask for it with every span.
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
	t, _ := p.tracers.LoadOrStore(key, &tracer{provider: p, name: name, opts: slices.Clone(opts)})
	return t.(*tracer)
}

// scope is what tells tracers apart.
type scope struct {
	name, version, schema string
	attributes            attribute.Set
}

// via marks a call to the wrapped provider's Tracer, which comes back to us where
// the two delegate to each other. It changes nothing: what it sets is the default.
type via struct {
	trace.TracerOption
	provider *provider
}
