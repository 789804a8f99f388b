// SPDX-License-Identifier: Apache-2.0

package metrics

import (
	"context"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/metric/embedded"
	"go.opentelemetry.io/otel/metric/noop"

	"github.com/asynclocal/asynclocal/internal/placeholder"
)

// Wrap returns a MeterProvider whose measurements know their request; everything else is up to mp.
// Give the result to every instrumentation, or make it the global provider. It has the methods
// ForceFlush and Shutdown if mp has them; to reach other methods of mp's type, keep mp or use
// [Unwrap].
//
// Wrapping a wrapped provider does not wrap twice: it returns one around the same mp with
// the options of both, the later ones winning. The no-op provider is returned as it is.
//
// A nil mp panics. So does Wrap(otel.GetMeterProvider()) as long as no provider has been set:
// installed as the global provider, the result would wrap only itself.
func Wrap(mp metric.MeterProvider, opts ...Option) metric.MeterProvider {
	switch p := mp.(type) {
	case nil:
		panic("metrics: Wrap of a nil MeterProvider; give it the SDK's, otel.GetMeterProvider() or noop.NewMeterProvider()")
	case noop.MeterProvider:
		newConfig(config{}, opts)
		return p
	case wrapped:
		inner := p.unwrap()
		if len(opts) == 0 {
			return mp
		}
		return newProvider(inner.inner, newConfig(inner.enricher.config, opts))
	}
	if placeholder.Is(mp) && otel.GetMeterProvider() == mp {
		panic("metrics: Wrap of the global MeterProvider before one was set: as the global one it would wrap itself, and its measurements go nowhere; " +
			"give it the SDK's, as in otel.SetMeterProvider(metrics.Wrap(sdk))")
	}
	return newProvider(mp, newConfig(config{limit: defaultLimit}, opts))
}

// Unwrap returns the MeterProvider that [Wrap] was given to make mp, and mp itself if Wrap did
// not make it.
func Unwrap(mp metric.MeterProvider) metric.MeterProvider {
	if w, ok := mp.(wrapped); ok {
		return w.unwrap().inner
	}
	return mp
}

type wrapped interface{ unwrap() *provider }

// provider is a wrapped MeterProvider.
type provider struct {
	embedded.MeterProvider

	inner    metric.MeterProvider
	enricher *enricher
}

func (p *provider) unwrap() *provider { return p }

// Meter returns a Meter that wraps the wrapped provider's.
func (p *provider) Meter(name string, opts ...metric.MeterOption) metric.Meter {
	return &meter{Meter: p.inner.Meter(name, opts...), enricher: p.enricher}
}

func newProvider(inner metric.MeterProvider, c config) metric.MeterProvider {
	p := &provider{inner: inner, enricher: newEnricher(c)}
	f, flushes := inner.(flusher)
	s, stops := inner.(stopper)
	switch {
	case flushes && stops:
		return lifecycle{p, f, s}
	case flushes:
		return flushing{p, f}
	case stops:
		return stopping{p, s}
	}
	return p
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
