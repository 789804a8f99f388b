// SPDX-License-Identifier: Apache-2.0

package doctor

import (
	"context"
	"log/slog"
	"time"

	"go.uber.org/zap"
)

// Option configures [Start].
type Option interface{ apply(*config) }

type option func(*config)

func (o option) apply(c *config) { o(c) }

type config struct {
	tell      []func(Finding)
	transport bool
}

func newConfig(opts []Option) (c config) {
	for _, o := range opts {
		if o == nil {
			panic("doctor: Start with a nil Option; leave it out")
		}
		o.apply(&c)
	}
	return c
}

// WithLogger writes each finding once, as a warning, when it is first seen. By default, unless
// another of these options is given, findings are only kept. A nil l panics.
func WithLogger(l *zap.Logger) Option {
	if l == nil {
		panic("doctor: WithLogger(nil); leave the option out for no lines")
	}
	return WithReporter(func(f Finding) {
		l.Warn("doctor: "+f.Message, zap.String("kind", f.Kind), zap.String("where", f.Where),
			zap.String("created_by", f.CreatedBy), zap.String("request", f.Request), zap.String("cure", f.Cure))
	})
}

// WithHandler is WithLogger for slog. A nil h panics.
func WithHandler(h slog.Handler) Option {
	if h == nil {
		panic("doctor: WithHandler(nil); leave the option out for no lines")
	}
	return WithReporter(func(f Finding) {
		ctx := context.Background()
		if !h.Enabled(ctx, slog.LevelWarn) {
			return
		}
		r := slog.NewRecord(time.Now(), slog.LevelWarn, "doctor: "+f.Message, 0)
		r.AddAttrs(slog.String("kind", f.Kind), slog.String("where", f.Where),
			slog.String("created_by", f.CreatedBy), slog.String("request", f.Request), slog.String("cure", f.Cure))
		_ = h.Handle(ctx, r) // nothing here can handle an error
	})
}

// WithReporter calls tell once for each finding, when it is first seen, on a goroutine of the
// doctor, one call after the other. A panic of tell is not recovered. Given twice, both are called.
// A nil tell panics.
func WithReporter(tell func(Finding)) Option {
	if tell == nil {
		panic("doctor: WithReporter(nil); leave the option out")
	}
	return option(func(c *config) { c.tell = append(c.tell, tell) })
}

// WithDefaultTransport looks at requests sent by http.DefaultTransport, which an http.Client
// without a Transport uses too: an outgoing request that is sent while serving a request, but
// without its trace, is a finding. By default no client is looked at.
//
// Until stop, it sets the Proxy of that Transport to a function that looks and then calls the
// previous one. So it is for programs, not libraries, and must be used before the first request is
// sent; it leaves a DefaultTransport that is not an *http.Transport alone.
func WithDefaultTransport() Option { return option(func(c *config) { c.transport = true }) }
