// SPDX-License-Identifier: Apache-2.0

package logging

import (
	"context"
	"io"
	"reflect"
	"slices"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/asynclocal/asynclocal/internal/value"
)

// core adds to each entry what it belongs to. It lets the wrapped core decide
// which entries are written, and by which of the cores that are in it: a sampler,
// a tee with levels of its own and hooks work inside as they do alone.
type core struct {
	inner  zapcore.Core
	cfg    *config
	direct bool // inner is zap's own: an encoder, an output and a level

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

// NewCore returns a core that adds to each entry what it belongs to: the request,
// the active span, and the fields that Add has collected. Which entries are
// written, and where, stays inner's affair. A core that is correlated already, or
// has correlated ones in it, is not wrapped again: opts, if there are any, replace
// those they have. So each core of a tee can have a form of its own.
//
// The returned core hands inner a slice of fields that it uses again after Write:
// a core that keeps fields, instead of encoding them, must copy the slice.
func NewCore(inner zapcore.Core, opts ...Option) zapcore.Core {
	return wrap(inner, newConfig(opts), len(opts) > 0)
}

// zapsOwn is the type of the cores that zapcore.NewCore makes. Of those it is
// known that Check looks at the level and nothing else, so that a line through
// them does without a CheckedEntry of its own.
var zapsOwn = reflect.TypeOf(zapcore.NewCore(
	zapcore.NewJSONEncoder(zapcore.EncoderConfig{}), zapcore.AddSync(io.Discard), zapcore.InvalidLevel))

func wrap(inner zapcore.Core, cfg *config, replace bool) zapcore.Core {
	if inner == nil {
		panic("logging: NewCore of a nil core; pass zapcore.NewNopCore() for one that writes nothing")
	}
	var options *config
	if replace {
		options = cfg
	}
	if c, ok := correlatedWithin(inner, options); ok {
		return c
	}
	return &core{inner: inner, cfg: cfg, direct: reflect.TypeOf(inner) == zapsOwn}
}

// Level returns the least level that is enabled, in the request that Enabled
// answers for.
func (c *core) Level() zapcore.Level {
	least := zapcore.LevelOf(c.inner)
	if c.cfg.isPlain() {
		return least
	}
	for l := min(least, zapcore.DebugLevel); l <= zapcore.FatalLevel; l++ {
		if c.Enabled(l) {
			return l
		}
	}
	return zapcore.InvalidLevel
}

func (c *core) Sync() error { return c.inner.Sync() }

// With keeps back what may still be replaced, and leaves the rest to inner.
func (c *core) With(fields []zap.Field) zapcore.Core {
	w := *c
	w.given, w.keys, w.tail = slices.Clone(c.given), slices.Clone(c.keys), slices.Clone(c.tail)
	var pass []zap.Field
	for i := range fields {
		if ctx := value.ContextOf(&fields[i]); ctx != nil {
			w.ctx = ctx
			continue
		}
		if p := probeOf(&fields[i]); p != nil {
			w.answer(p)
			continue
		}
		f := fields[i]
		c.cfg.redactor.Field(&f)
		by := c.cfg.scheme.match(f.Key)
		switch {
		case len(w.tail) > 0 || f.Type == zapcore.NamespaceType:
			w.tail = append(w.tail, f)
		case by != 0:
			w.given, w.by = replaceKey(w.given, f), w.by|by
		default:
			pass, w.keys = append(pass, f), append(w.keys, f.Key)
		}
	}
	if len(pass) > 0 {
		w.inner = withFields(c.inner, pass)
	}
	return &w
}

// answer tells p that it has arrived.
func (c *core) answer(p *probe) {
	p.found = true
	if p.met != nil {
		p.met(c.cfg)
	}
	if p.replace != nil {
		c.cfg = p.replace
	}
}

func replaceKey(fields []zap.Field, f zap.Field) []zap.Field {
	if at := indexKey(fields, f.Key); at >= 0 {
		fields[at] = f
		return fields
	}
	return append(fields, f)
}

// Write writes an entry that needs nothing from Check: one that goes to zap's own
// core, or comes from a wrapper that calls Write without a Check.
func (c *core) Write(ent zapcore.Entry, fields []zap.Field) error {
	l := newLine(c)
	l.request = l.compose(fields).request
	l.announce(ent)
	err := l.emit(ent)
	l.free()
	return err
}

func indexKey(fields []zap.Field, key string) int {
	return slices.IndexFunc(fields, func(f zap.Field) bool { return f.Key == key })
}
