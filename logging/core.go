// SPDX-License-Identifier: Apache-2.0

package logging

import (
	"context"
	"slices"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// core adds to each entry whom it belongs to. It lets the wrapped core decide
// which entries are written, and by which of the cores that are in it: a sampler,
// a tee with levels of its own and hooks work inside as they do alone.
type core struct {
	inner zapcore.Core
	cfg   *config

	// What With was given and inner must not encode yet.
	ctx   context.Context // nil: none
	given []zap.Field     // under the scheme's keys: the last one wins, and the line's does over it
	by    given           // which those are
	tail  []zap.Field     // a namespace and all after it: what is added must not end up in it
	keys  []string        // of the fields that inner has
}

// Correlate returns an option that wraps a logger's core by NewCore:
//
//	logger := zap.New(core, logging.Correlate())
func Correlate(opts ...Option) zap.Option {
	cfg := newConfig(opts)
	return zap.WrapCore(func(c zapcore.Core) zapcore.Core { return wrap(c, cfg, len(opts) > 0) })
}

// NewCore returns a core that adds to each entry whom it belongs to: the request,
// the active span, and the fields that Add has collected. Which entries are
// written, and where, stays inner's affair. A core that is correlated already is
// not wrapped again: opts, if there are any, replace those it has.
//
// The returned core hands inner a slice of fields that it uses again after Write:
// a core that keeps fields, instead of encoding them, must copy the slice.
func NewCore(inner zapcore.Core, opts ...Option) zapcore.Core {
	return wrap(inner, newConfig(opts), len(opts) > 0)
}

func wrap(inner zapcore.Core, cfg *config, replace bool) zapcore.Core {
	if inner == nil {
		panic("logging: NewCore of a nil core; pass zapcore.NewNopCore() for one that writes nothing")
	}
	c, ok := inner.(*core)
	switch {
	case !ok:
		return &core{inner: inner, cfg: cfg}
	case !replace:
		return c
	}
	again := *c
	again.cfg = cfg
	return &again
}

func (c *core) Enabled(l zapcore.Level) bool { return c.inner.Enabled(l) }

// Level returns the least level that the wrapped core writes.
func (c *core) Level() zapcore.Level { return zapcore.LevelOf(c.inner) }

func (c *core) Sync() error { return c.inner.Sync() }

// With keeps back what may still be replaced, and leaves the rest to inner.
func (c *core) With(fields []zap.Field) zapcore.Core {
	w := *c
	w.given, w.keys, w.tail = slices.Clone(c.given), slices.Clone(c.keys), slices.Clone(c.tail)
	var pass []zap.Field
	for i := range fields {
		f := &fields[i]
		by := c.cfg.scheme.match(f.Key)
		switch ctx := contextOf(f); {
		case ctx != nil:
			w.ctx = ctx
		case len(w.tail) > 0 || f.Type == zapcore.NamespaceType:
			w.tail = append(w.tail, *f)
		case by != 0:
			w.given, w.by = replaceKey(w.given, *f), w.by|by
		default:
			pass, w.keys = append(pass, *f), append(w.keys, f.Key)
		}
	}
	if len(pass) > 0 {
		w.inner = c.inner.With(pass)
	}
	return &w
}

func replaceKey(fields []zap.Field, f zap.Field) []zap.Field {
	if at := indexKey(fields, f.Key); at >= 0 {
		fields[at] = f
		return fields
	}
	return append(fields, f)
}

// Check asks inner for an entry of its own, with the cores that agree to write
// it, and puts it into ce as one core: inner's cores, and no others, get what the
// line has to add.
func (c *core) Check(ent zapcore.Entry, ce *zapcore.CheckedEntry) *zapcore.CheckedEntry {
	inner := c.inner.Check(ent, nil)
	if inner == nil {
		return ce
	}
	l := newLine(c)
	l.inner = inner
	l.outer = ce.AddCore(ent, l)
	return l.outer
}

// Write is for wrappers that call it without going through Check's result.
func (c *core) Write(ent zapcore.Entry, fields []zap.Field) error {
	l := newLine(c)
	defer l.free()
	l.compose(fields)
	return c.inner.Write(ent, l.fields)
}
