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

// WrapProvider returns a LoggerProvider that does for OpenTelemetry's records what [NewCore] does
// for zap, with the same options. Give it to a bridge (otelzap, otelslog, otelzerolog, otellogrus,
// otellogr), or make it the global provider. Each record then belongs to its request, even if the
// bridge or a library passes context.Background().
//
//	otel.SetLoggerProvider(logging.WrapProvider(provider))
//
// A record has the trace of the ctx that it is emitted with. If ctx has no trace, the record has
// the ambient one, unless ctx is of another request. The request's id is added to its attributes,
// as request_id or under the key of [WithScheme], and so are the fields that [Add] has collected.
// The record's own attribute wins over an added one with the same key. Explicit beats ambient. The
// trace keys of a scheme are ignored, because a record has fields for the trace. Redaction goes by
// the keys of attributes and by the added fields. Text that a bridge has made of a value is not
// inspected.
//
// The result has the methods ForceFlush and Shutdown if lp has them. To call other methods of lp,
// keep lp or use [UnwrapProvider]. Records that a flight recorder keeps are handed to lp when their
// request has ended, so shut down after that.
//
// A wrapped provider is not wrapped again: opts, if there are any, replace its options. The no-op
// provider is returned as it is. A nil lp panics. So does WrapProvider(otel.GetLoggerProvider()) as
// long as no provider has been set: as the global provider, the result would wrap only itself.
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

// UnwrapProvider returns the LoggerProvider that [WrapProvider] was given to make lp. If
// WrapProvider did not make lp, it returns lp itself.
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

// Logger returns a Logger that wraps one of the wrapped provider.
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

// Methods of the SDK's provider, which callers look for by type assertion.
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
