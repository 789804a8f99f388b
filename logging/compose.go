// SPDX-License-Identifier: Apache-2.0

package logging

import (
	"context"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/asynclocal/asynclocal/internal/logstate"
	"github.com/asynclocal/asynclocal/internal/value"
	"github.com/asynclocal/asynclocal/internal/watch"
	"github.com/asynclocal/asynclocal/store"
)

// compose sets l.fields to the fields to write. The fields of the request and the span come first,
// so that they stand outside any namespace.
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

// scan returns the context among fields that the line belongs to, or nil; which of the scheme's
// fields are given; and whether no field is a context or holds a value that might have to be
// redacted.
func (c *core) scan(fields []zap.Field) (ctx context.Context, by given, clean bool) {
	ctx, clean = c.ctx, true
	scheme, top := &c.cfg.scheme, len(c.tail) == 0
	for i := range fields {
		f := &fields[i]
		if f.Interface == nil && f.Type != zapcore.NamespaceType && !scheme.mayMatch(f.Key) {
			continue // the common case
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

// addGiven appends the fields that With was given under the scheme's keys, except those that the
// line gives itself.
func (l *line) addGiven(by given) {
	for i := range l.core.given {
		if f := &l.core.given[i]; by&l.cfg.scheme.match(f.Key) == 0 {
			l.fields = append(l.fields, *f)
		}
	}
}

// addCollected appends the fields that Add has collected, except those that With or the line gives.
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
