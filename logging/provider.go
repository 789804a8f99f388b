// SPDX-License-Identifier: Apache-2.0

package logging

import (
	"context"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/log"
	"go.opentelemetry.io/otel/log/embedded"
	"go.opentelemetry.io/otel/log/noop"

	"github.com/asynclocal/asynclocal/internal/placeholder"
)

// WrapProvider returns a LoggerProvider that does for the records of OpenTelemetry what
// [NewCore] does for zap, with the same options: give it to a bridge (otelzap, otelslog,
// otelzerolog, otellogrus, otellogr), or make it the global provider, and each record belongs
// to its request, also where the bridge or a library passes context.Background().
//
//	otel.SetLoggerProvider(logging.WrapProvider(provider))
//
// A record has the trace of the ctx that it is emitted with; where that has none, the ambient
// one's, unless the ctx is of another request. To its attributes the request's id is added,
// request_id unless [WithScheme] has another key, and what [Add] has collected; what the record has itself
// under the same key wins. Explicit beats ambient. Of a scheme the keys of the trace do not count,
// as a record has fields for that. Redaction goes by the keys of attributes and by what was
// added; what a bridge has made text of is not looked into.
//
// The result has the methods ForceFlush and Shutdown where lp has them; what only lp's own type
// has is reached by keeping lp, or by [UnwrapProvider]. Lines that a flight recorder keeps are
// handed to lp when their request has ended, so shut down after that.
//
// A wrapped provider is not wrapped again: opts, if there are any, replace those it has. The
// no-op provider is returned as it is. A nil lp panics. So does
// WrapProvider(otel.GetLoggerProvider()) as long as no provider has been set: made the global
// one, the result would have nothing below it but itself.
func WrapProvider(lp log.LoggerProvider, opts ...Option) log.LoggerProvider {
	cfg := newConfig(opts)
	if cfg.exceptions.Logger != nil {
		panic("logging: WrapProvider with WithExceptionLogs, whose records are log records already; leave the option out")
	}
	switch p := lp.(type) {
	case nil:
		panic("logging: WrapProvider of a nil LoggerProvider; give it the SDK's, otel.GetLoggerProvider() or noop.NewLoggerProvider()")
	case noop.LoggerProvider:
		return p
	case wrappedProvider:
		if len(opts) == 0 {
			return lp
		}
		return newProvider(p.unwrap().inner, cfg)
	}
	if placeholder.Is(lp) && otel.GetLoggerProvider() == lp {
		panic("logging: WrapProvider of the global LoggerProvider before one was set: as the global one it would wrap itself, and its records go nowhere; " +
			"give it the SDK's, as in otel.SetLoggerProvider(logging.WrapProvider(sdk))")
	}
	return newProvider(lp, cfg)
}

// UnwrapProvider returns the LoggerProvider that [WrapProvider] was given to make lp, and lp
// itself if WrapProvider did not make it.
func UnwrapProvider(lp log.LoggerProvider) log.LoggerProvider {
	if w, ok := lp.(wrappedProvider); ok {
		return w.unwrap().inner
	}
	return lp
}

type wrappedProvider interface{ unwrap() *provider }

// provider is a wrapped LoggerProvider.
type provider struct {
	embedded.LoggerProvider

	inner log.LoggerProvider
	cfg   *config
}

func (p *provider) unwrap() *provider { return p }

// Logger returns a Logger of the wrapped provider's.
func (p *provider) Logger(name string, opts ...log.LoggerOption) log.Logger {
	return &emitter{inner: p.inner.Logger(name, opts...), cfg: p.cfg}
}

func newProvider(inner log.LoggerProvider, cfg *config) log.LoggerProvider {
	p := &provider{inner: inner, cfg: cfg}
	f, flushes := inner.(flusher)
	s, stops := inner.(stopper)
	switch {
	case flushes && stops:
		return lifecycle{p, f, s}
	case flushes:
		return flushable{p, f}
	case stops:
		return stoppable{p, s}
	}
	return p
}

// The methods of the SDK's provider that others assert it for.
type (
	flusher interface{ ForceFlush(context.Context) error }
	stopper interface{ Shutdown(context.Context) error }

	flushable struct {
		*provider
		flusher
	}
	stoppable struct {
		*provider
		stopper
	}
	lifecycle struct {
		*provider
		flusher
		stopper
	}
)
