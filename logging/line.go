// SPDX-License-Identifier: Apache-2.0

package logging

import (
	"context"
	"sync"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/asynclocal/asynclocal/store"
)

// line is one entry on its way: the core that zap's CheckedEntry holds for it.
type line struct {
	*core
	inner  *zapcore.CheckedEntry // what the wrapped core has agreed to
	outer  *zapcore.CheckedEntry // where the logger says what its error output is
	fields []zap.Field
}

// maxKeptFields bounds what a line that goes back to the pool holds on to.
const maxKeptFields = 128

var lines = sync.Pool{New: func() any { return &line{fields: make([]zap.Field, 0, 16)} }}

func newLine(c *core) *line {
	l := lines.Get().(*line)
	l.core = c
	return l
}

func (l *line) free() {
	clear(l.fields)
	l.fields = l.fields[:0]
	l.core, l.inner, l.outer = nil, nil, nil
	if cap(l.fields) <= maxKeptFields {
		lines.Put(l)
	}
}

// Write writes the entry by the cores that have agreed to it. Their errors go
// where the logger's do.
func (l *line) Write(ent zapcore.Entry, fields []zap.Field) error {
	if l.core == nil {
		return nil // a CheckedEntry used twice; zap reports that
	}
	defer l.free()
	l.compose(fields)
	l.inner.Entry, l.inner.ErrorOutput = ent, l.outer.ErrorOutput
	l.inner.Write(l.fields...)
	return nil
}

// compose makes l.fields what is to be written: whom the line belongs to first,
// so that it stands outside of any namespace.
func (l *line) compose(fields []zap.Field) {
	c := l.core
	s := &c.cfg.scheme
	ctx, by := c.scan(fields)
	o := originOf(ctx)
	added := peekStory(o.request).fields()
	byAdd := given(0)
	for i := range added {
		byAdd |= s.match(added[i].Key)
	}
	l.fields = s.fields(l.fields, o.request, o.span, by|c.by|byAdd)
	l.addGiven(by)
	l.addCollected(added, fields, by|c.by)
	l.fields = append(l.fields, c.tail...)
	for i := range fields {
		if contextOf(&fields[i]) == nil {
			l.fields = append(l.fields, fields[i])
		}
	}
	if ctx == nil && c.cfg.passContext {
		ctx = store.Context()
	}
	if ctx != nil {
		l.fields = append(l.fields, Ctx(ctx))
	}
}

// scan returns the context that a line with these fields belongs to, nil if none
// is given, and which of the scheme's fields are.
func (c *core) scan(fields []zap.Field) (ctx context.Context, by given) {
	ctx = c.ctx
	top := len(c.tail) == 0
	for i := range fields {
		f := &fields[i]
		if with := contextOf(f); with != nil {
			ctx = with
			continue
		}
		if f.Type == zapcore.NamespaceType {
			top = false
		}
		if top {
			by |= c.cfg.scheme.match(f.Key)
		}
	}
	return ctx, by
}

// addGiven appends what With was given under the scheme's keys, less what the
// line says instead.
func (l *line) addGiven(by given) {
	for i := range l.core.given {
		if f := &l.core.given[i]; by&l.cfg.scheme.match(f.Key) == 0 {
			l.fields = append(l.fields, *f)
		}
	}
}

// addCollected appends what Add has collected, less what With or the line says.
func (l *line) addCollected(added, fields []zap.Field, by given) {
	for i := range added {
		f := &added[i]
		if by&l.cfg.scheme.match(f.Key) == 0 && !l.has(f.Key) && !topLevel(fields, f.Key, len(l.tail) > 0) {
			l.fields = append(l.fields, *f)
		}
	}
}

func (c *core) has(key string) bool {
	for _, k := range c.keys {
		if k == key {
			return true
		}
	}
	return false
}

func topLevel(fields []zap.Field, key string, nested bool) bool {
	if nested {
		return false
	}
	for i := range fields {
		if fields[i].Type == zapcore.NamespaceType {
			return false
		}
		if fields[i].Key == key {
			return true
		}
	}
	return false
}
