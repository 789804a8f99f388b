// SPDX-License-Identifier: Apache-2.0

package logging

import (
	"context"
	"log/slog"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/asynclocal/asynclocal/internal/logstate"
	"github.com/asynclocal/asynclocal/internal/text"
	"github.com/asynclocal/asynclocal/internal/value"
	"github.com/asynclocal/asynclocal/internal/watch"
)

// Correlator says what a line belongs to, for the hook of a logger that has no core and no
// handler to wrap. Packages logging/zerolog and logging/logrus are made with it. It is safe for
// concurrent use.
type Correlator struct{ cfg *config }

// NewCorrelator returns a Correlator. Of the options it takes [WithScheme], [WithGoroutines] and
// [WithRedaction]; any other panics, because a hook neither decides which lines are written nor
// keeps any.
func NewCorrelator(opts ...Option) *Correlator {
	c := newConfig(opts)
	if c.selective || c.fixed || c.passContext || c.tells() || c.exceptions.Events {
		panic("logging: NewCorrelator with an option that a hook cannot follow; give it WithScheme, WithGoroutines and WithRedaction only")
	}
	return &Correlator{c}
}

// Attrs appends to dst what a line at level belongs to that is logged with ctx, in the order of
// a zap line: the ids of its request and span, and what [Add] has collected. Explicit beats
// ambient; a nil ctx carries nothing. Keys that has reports are left out: those that the line
// has itself. A nil has leaves out none. Outside of requests and spans there is nothing to append. A
// line at Error or above has the flight recorders of other loggers write what they have kept of
// the request.
//
// Values are scalars, groups, and what is JSON already: an error is its text, and nothing is left
// that may panic or block.
func (c *Correlator) Attrs(ctx context.Context, dst []slog.Attr, level zapcore.Level, has func(key string) bool) []slog.Attr {
	if !value.Usable(ctx) {
		ctx = nil
	}
	o := ownerOf(ctx)
	if w := watch.On(); w != nil {
		tellWatch(ctx, w, o)
	}
	if level >= zapcore.ErrorLevel {
		flush(o.request)
	}
	if o.request == nil && o.span == nil {
		return dst
	}
	added := logstate.Peek(o.request).Fields()
	by := c.given(added, has)
	var room [8]zap.Field
	whose := c.cfg.scheme.fields(room[:0], o.request, o.span, by)
	if c.cfg.goroutines {
		whose = c.cfg.scheme.addGoroutine(whose, o, by)
	}
	for i := range whose {
		dst = append(dst, value.Attr(&whose[i]))
	}
	for _, f := range added {
		if has == nil || !has(f.Key) {
			dst = append(dst, c.added(f))
		}
	}
	return dst
}

// given returns which of the scheme's fields the line, or what was added, has by hand.
func (c *Correlator) given(added []zap.Field, has func(key string) bool) (by given) {
	s := &c.cfg.scheme
	for i := range added {
		by |= s.match(added[i].Key)
	}
	if has == nil {
		return by
	}
	for _, key := range []string{s.keys.RequestID, s.keys.TraceID, s.keys.SpanID, s.keys.TraceFlags, s.threadID} {
		if key != "" && has(key) {
			by |= s.match(key)
		}
	}
	return by
}

// added is f as any logger can show it.
func (c *Correlator) added(f zap.Field) slog.Attr {
	value.AsJSON(&f)
	c.cfg.redactor.Field(&f)
	if err, ok := f.Interface.(error); ok && f.Type == zapcore.ErrorType {
		return slog.String(f.Key, text.Error(err, maxErrorText))
	}
	return encoded(value.Attr(&f))
}

// encoded returns a with its values as JSON, unless they are scalars: a logger that encodes a line
// as a whole loses it with a value that is none.
func encoded(a slog.Attr) slog.Attr {
	switch a.Value.Kind() {
	case slog.KindGroup:
		members := make([]slog.Attr, 0, len(a.Value.Group()))
		for _, m := range a.Value.Group() {
			members = append(members, encoded(m))
		}
		return slog.Attr{Key: a.Key, Value: slog.GroupValue(members...)}
	case slog.KindAny:
		raw, err := value.Encode(a.Value.Any())
		if err != nil {
			return slog.String(a.Key, "!ERROR: "+err.Error())
		}
		return slog.Any(a.Key, raw)
	}
	return a
}

// maxErrorText is how long the text of an error on a line is, in bytes, where it has to be cut.
const maxErrorText = 64 << 10

// Value returns what may be seen of v, the value of a field of a line's own: v itself, unless
// [WithRedaction] has the key, or v holds headers or query parameters.
func (c *Correlator) Value(key string, v any) any {
	if c.cfg.redactor.IsSecret(key) {
		return text.Redacted
	}
	return c.cfg.redactor.Value(v)
}
