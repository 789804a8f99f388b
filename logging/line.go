// SPDX-License-Identifier: Apache-2.0

package logging

import (
	"context"
	"sync"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/asynclocal/asynclocal/internal/logstate"
	"github.com/asynclocal/asynclocal/internal/value"
	"github.com/asynclocal/asynclocal/internal/watch"
	"github.com/asynclocal/asynclocal/store"
)

// line is one entry on its way: the core that zap's CheckedEntry holds for it.
type line struct {
	*core
	inner  *zapcore.CheckedEntry // what the wrapped core has agreed to
	outer  *zapcore.CheckedEntry // where the logger says what its error output is
	fields []zap.Field           // zero behind its end
	ctx    context.Context       // what the wrapped core is handed, nil: none

	decided bool // by Check, for the request it knew
	unclean bool // there may be what must not be seen
	decision
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
	fields := l.fields[:0]
	if cap(fields) == 0 || cap(fields) > maxKeptFields {
		fields = make([]zap.Field, 0, 16)
	}
	*l = line{fields: fields}
	lines.Put(l)
}

// Write does with the entry what Check has found, or what it would have found had
// it seen the line's explicit context.
func (l *line) Write(ent zapcore.Entry, fields []zap.Field) error {
	if l.core == nil {
		return nil // a CheckedEntry used twice; zap reports that
	}
	defer l.free()
	o := l.compose(fields)
	if l.decided && o.request != l.request {
		l.decision = l.cfg.decide(l.ctx, ent.Level, l.core.inner.Enabled(ent.Level))
	}
	l.request = o.request
	if l.action == hold {
		if l.keep(ent) != open {
			return nil
		}
		l.action = force
	}
	return l.write(ent)
}

// announce does what a line that is about to be written brings about. Redaction is
// left to it, for a line that is kept may never be written.
func (l *line) announce(ent zapcore.Entry) {
	if l.unclean {
		l.cfg.redactor.Fields(l.fields)
	}
	if ent.Level >= zapcore.ErrorLevel {
		flush(l.request)
	}
	if l.cfg.events || l.cfg.status {
		l.cfg.tellSpan(l.ctx, ent.Level, ent.Message, errorOf(l.fields))
	}
}

// write has the entry written by the cores that have agreed to it. Their errors go
// where the logger's do.
func (l *line) write(ent zapcore.Entry) error {
	if l.direct && l.action != drop {
		l.announce(ent)
		return l.emit(ent)
	}
	switch {
	case l.inner != nil || l.action == drop:
	case l.action == ask:
		l.inner = l.core.inner.Check(ent, nil)
	default:
		l.inner = l.forced(ent)
	}
	if l.action == drop || l.inner == nil {
		return nil
	}
	l.announce(ent)
	l.inner.Entry, l.inner.ErrorOutput = ent, l.outer.ErrorOutput
	return l.emit(ent)
}

// compose makes l.fields what is to be written: what the line belongs to first,
// so that it stands outside of any namespace.
func (l *line) compose(fields []zap.Field) owner {
	c := l.core
	s := &c.cfg.scheme
	ctx, by, clean := c.scan(fields)
	o := ownerOf(ctx)
	if w := watch.On(); w != nil {
		tellWatch(ctx, w, o)
	}
	added := logstate.Peek(o.request).Fields()
	byAdd := given(0)
	for i := range added {
		byAdd |= s.match(added[i].Key)
	}
	l.fields = s.fields(l.fields, o.request, o.span, by|c.by|byAdd)
	if c.cfg.goroutines {
		l.fields = s.addGoroutine(l.fields, o, by|c.by|byAdd)
	}
	if len(c.given) > 0 {
		l.addGiven(by)
	}
	if len(added) > 0 {
		l.addCollected(added, fields, by|c.by)
	}
	if len(c.tail) > 0 {
		l.fields = append(l.fields, c.tail...)
	}
	if clean {
		l.fields = append(l.fields, fields...)
	} else {
		l.fields = appendClean(l.fields, fields)
	}
	l.unclean = !clean || len(added) > 0 || c.cfg.redactor.HasKeys()
	if ctx == nil && c.cfg.passContext {
		ctx = store.Context()
	}
	if ctx != nil {
		l.fields = append(l.fields, Ctx(ctx))
	}
	l.ctx = ctx
	return o
}

// scan returns the context that a line with these fields belongs to, nil if none
// is given, which of the scheme's fields are, and whether no field is
// a context or holds a value that might have to be redacted.
func (c *core) scan(fields []zap.Field) (ctx context.Context, by given, clean bool) {
	ctx, clean = c.ctx, true
	scheme, top := &c.cfg.scheme, len(c.tail) == 0
	for i := range fields {
		f := &fields[i]
		if f.Interface == nil && f.Type != zapcore.NamespaceType && !scheme.mayMatch(f.Key) {
			continue // nearly every field
		}
		clean = clean && f.Interface == nil
		switch with := value.ContextOf(f); {
		case with != nil:
			ctx = with
		case f.Type == zapcore.NamespaceType:
			top = false
		case top:
			by |= scheme.match(f.Key)
		}
	}
	return ctx, by, clean
}

// appendClean appends the fields that are not contexts.
func appendClean(dst, fields []zap.Field) []zap.Field {
	for i := range fields {
		if value.ContextOf(&fields[i]) == nil {
			dst = append(dst, fields[i])
		}
	}
	return dst
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
