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

// Correlator returns the fields of a line's request and span, for the hook of a logger that has no
// core and no handler to wrap. Packages logging/zerolog and logging/logrus use it. It is safe for
// concurrent use.
type Correlator struct{ cfg *config }

// NewCorrelator returns a Correlator. It takes the options [WithScheme], [WithGoroutines] and
// [WithRedaction]. Any other option panics, because a hook neither decides which lines are written
// nor keeps any.
func NewCorrelator(opts ...Option) *Correlator {
	c := newConfig(opts)
	if c.selective || c.fixed || c.passContext || c.tells() || c.exceptions.Events {
		panic("logging: NewCorrelator with an option that a hook cannot follow; give it WithScheme, WithGoroutines and WithRedaction only")
	}
	return &Correlator{c}
}

// Attrs appends to dst the attributes of a line at level that is logged with ctx, in the order of a
// zap line: the ids of its request and span, and the fields that [Add] has collected. Explicit
// beats ambient; a nil ctx carries nothing. Keys for which has returns true are left out, because
// the line has them itself; a nil has leaves out no key. Outside requests and spans Attrs appends
// nothing. For a line at Error or above, the flight recorders of other loggers write the lines that
// they have kept of the request.
//
// Values are scalars, groups and encoded JSON. An error is its text. No value can panic or block.
func (c *Correlator) Attrs(ctx context.Context, dst []slog.Attr, level zapcore.Level, has func(key string) bool) []slog.Attr {
	if !value.Usable(ctx) {
		ctx = nil
	}
	o := ownerOf(ctx)
	if w := watch.On(); w != nil {
		tellWatch(ctx, w, o)
	}
	if level >= zapcore.ErrorLevel {
		errored(ctx, o.request)
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

// given returns which of the scheme's fields are given by hand, on the line or in added.
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

// added returns f in a form that any logger can show.
func (c *Correlator) added(f zap.Field) slog.Attr {
	value.AsJSON(&f)
	c.cfg.redactor.Field(&f)
	if err, ok := f.Interface.(error); ok && f.Type == zapcore.ErrorType {
		return slog.String(f.Key, text.Error(err, maxErrorText))
	}
	return encoded(value.Attr(&f))
}

// encoded returns a with its values as JSON, unless they are scalars. A logger that encodes a line
// as a whole would lose the line because of one value that has no JSON.
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

// maxErrorText is the maximum length of an error's text on a line, in bytes.
const maxErrorText = 64 << 10

// Value returns what may be seen of v, the value of one of the line's own fields: v itself, unless
// [WithRedaction] has the key, or v holds headers or query parameters.
func (c *Correlator) Value(key string, v any) any {
	if c.cfg.redactor.IsSecret(key) {
		return text.Redacted
	}
	return c.cfg.redactor.Value(v)
}
