// SPDX-License-Identifier: Apache-2.0

package telemetry

import (
	"errors"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// router is a core that passes a line to the core of the service that the goroutine
// works for.
type router struct {
	first zapcore.Core
	cores map[*service]zapcore.Core
}

func newRouter(first *service, services map[string]*service) *router {
	r := &router{first.core, map[*service]zapcore.Core{}}
	for _, s := range services {
		r.cores[s] = s.core
	}
	return r
}

func (r *router) core() zapcore.Core {
	if c := r.cores[current.Get()]; c != nil {
		return c
	}
	return r.first
}

func (r *router) With(fields []zap.Field) zapcore.Core {
	w := &router{r.first.With(fields), map[*service]zapcore.Core{}}
	for s, c := range r.cores {
		w.cores[s] = c.With(fields)
	}
	return w
}

func (r *router) Enabled(l zapcore.Level) bool { return r.core().Enabled(l) }

func (r *router) Check(ent zapcore.Entry, ce *zapcore.CheckedEntry) *zapcore.CheckedEntry {
	return r.core().Check(ent, ce)
}

func (r *router) Write(ent zapcore.Entry, fields []zap.Field) error {
	return r.core().Write(ent, fields)
}

func (r *router) Sync() error {
	var errs []error
	for _, c := range r.cores {
		errs = append(errs, c.Sync())
	}
	return errors.Join(errs...)
}
