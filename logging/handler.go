// SPDX-License-Identifier: Apache-2.0

package logging

import (
	"context"
	"log/slog"
	"slices"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/asynclocal/asynclocal/internal/logstate"
	"github.com/asynclocal/asynclocal/internal/value"
	"github.com/asynclocal/asynclocal/internal/watch"
	"github.com/asynclocal/asynclocal/store"
)

// handler is for slog what core is for zap.
type handler struct {
	inner slog.Handler
	cfg   *config

	given  []slog.Attr // under the scheme's keys
	by     given
	keys   []string // of the attributes that inner has
	groups []group  // from the first group on: what is added must not end up in it
}

type group struct {
	name  string
	attrs []slog.Attr
}

// NewHandler returns a handler that does for slog what NewCore does for zap, with
// the same options. The context of a line, of Logger.InfoContext and its like, is
// the explicit one; what it does not carry the goroutine answers. A handler that
// is correlated already is not wrapped again: opts, if there are any, replace those
// it has.
//
// The standard log package goes through it by slog.NewLogLogger, or by
// slog.SetDefault for all of the process. That of slog's own default handler,
// NewHandler(slog.Default().Handler()), prints what that does, and where package log
// printed before: the handler itself writes through package log, which SetDefault
// has write to the handler.
func NewHandler(h slog.Handler, opts ...Option) slog.Handler {
	if h == nil {
		panic("logging: NewHandler of a nil handler; pass slog.DiscardHandler for one that writes nothing")
	}
	cfg := newConfig(opts)
	c, ok := h.(*handler)
	switch {
	case !ok && len(opts) == 0 && correlatedHandlerWithin(h):
		return h
	case !ok:
		return &handler{inner: apart(h), cfg: cfg}
	case len(opts) == 0:
		return c
	}
	again := *c
	again.cfg = cfg
	return &again
}

// zapLevel puts slog's levels, which are four apart, on zap's.
func zapLevel(l slog.Level) zapcore.Level {
	const least, most = -128, 127
	return zapcore.Level(min(max(int(l)>>2, least), most))
}

func (h *handler) Enabled(ctx context.Context, l slog.Level) bool {
	on := h.inner.Enabled(ctx, l)
	if h.cfg.isPlain() {
		return on
	}
	return h.cfg.admits(ctx, zapLevel(l), on)
}

func (h *handler) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	w := *h
	w.groups = append(slices.Clone(h.groups), group{name: name})
	return &w
}

func (h *handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	if len(attrs) == 0 {
		return h
	}
	if p, ok := probeIn(attrs[0]); ok {
		p.found = true
		return h
	}
	w := *h
	attrs = h.cfg.redactor.Attrs(flatten(attrs))
	if n := len(h.groups); n > 0 {
		w.groups = slices.Clone(h.groups)
		w.groups[n-1].attrs = slices.Concat(h.groups[n-1].attrs, attrs)
		return &w
	}
	w.given, w.keys = slices.Clone(h.given), slices.Clone(h.keys)
	var pass []slog.Attr
	for _, a := range attrs {
		if by := h.cfg.scheme.match(a.Key); by != 0 {
			w.given, w.by = replaceAttr(w.given, a), w.by|by
			continue
		}
		pass, w.keys = append(pass, a), append(w.keys, a.Key)
	}
	if len(pass) > 0 {
		w.inner = h.inner.WithAttrs(pass)
	}
	return &w
}

func replaceAttr(attrs []slog.Attr, a slog.Attr) []slog.Attr {
	if at := slices.IndexFunc(attrs, func(b slog.Attr) bool { return b.Key == a.Key }); at >= 0 {
		attrs[at] = a
		return attrs
	}
	return append(attrs, a)
}

func (h *handler) Handle(ctx context.Context, r slog.Record) error {
	if !value.Usable(ctx) {
		ctx = context.Background() // as slog has it for a nil one
	}
	l := zapLevel(r.Level)
	j := decision{action: ask}
	if !h.cfg.isPlain() {
		j = h.cfg.decide(ctx, l, h.inner.Enabled(ctx, r.Level))
	}
	if j.action == drop {
		return nil
	}
	o := ownerOf(ctx)
	if w := watch.On(); w != nil {
		tellWatch(ctx, w, o)
	}
	line := h.compose(o, r, j.action != hold)
	if h.cfg.passContext {
		ctx = joined(ctx)
	}
	if j.action == hold {
		if h.keepRecord(ctx, line, j.logger) != open {
			return nil
		}
		line = mapAttrs(line, h.cfg.redactor.Attr)
	}
	if l >= zapcore.ErrorLevel {
		flush(o.request)
	}
	if h.cfg.events || h.cfg.status {
		h.cfg.tellSpan(ctx, l, r.Message, attrError(r))
	}
	return h.inner.Handle(ctx, line)
}

// joined returns ctx, with what is ambient if it carries nothing itself.
func joined(ctx context.Context) context.Context {
	if _, ok := store.FromContext(ctx); ok || hexOf(spanContext(ctx)) != nil {
		return ctx
	}
	return store.Capture().Context(ctx)
}

// compose returns r with what it belongs to, outside of any group, and without what
// must not be seen if it is to be written now.
func (h *handler) compose(o owner, r slog.Record, now bool) slog.Record {
	own := h.attrs(r)
	by, keys := h.scan(own)
	added := logstate.Peek(o.request).Fields()
	byAdd := given(0)
	for i := range added {
		byAdd |= h.cfg.scheme.match(added[i].Key)
	}
	line := slog.NewRecord(r.Time, r.Level, r.Message, r.PC)
	var room [8]zap.Field
	whose := h.cfg.scheme.fields(room[:0], o.request, o.span, by|h.by|byAdd)
	if h.cfg.goroutines {
		whose = h.cfg.scheme.addGoroutine(whose, o, by|h.by|byAdd)
	}
	for i := range whose {
		line.AddAttrs(value.Attr(&whose[i]))
	}
	for _, a := range h.given {
		if by&h.cfg.scheme.match(a.Key) == 0 {
			line.AddAttrs(a)
		}
	}
	for i := range added {
		f := added[i]
		if (by|h.by)&h.cfg.scheme.match(f.Key) == 0 && !slices.Contains(keys, f.Key) && !slices.Contains(h.keys, f.Key) {
			if value.AsJSON(&f); now {
				h.cfg.redactor.Field(&f)
			}
			line.AddAttrs(value.Attr(&f))
		}
	}
	if now {
		own = h.cfg.redactor.Attrs(own)
	}
	line.AddAttrs(h.grouped(own)...)
	return line
}

// scan returns which of the scheme's fields attrs have by hand, and their keys outside
// of groups.
func (h *handler) scan(attrs []slog.Attr) (by given, keys []string) {
	if len(h.groups) > 0 {
		return 0, nil
	}
	keys = make([]string, 0, len(attrs))
	for i := range attrs {
		by |= h.cfg.scheme.match(attrs[i].Key)
		keys = append(keys, attrs[i].Key)
	}
	return by, keys
}

// attrs returns the attributes of r as they will stand in a line.
func (h *handler) attrs(r slog.Record) []slog.Attr {
	attrs := make([]slog.Attr, 0, r.NumAttrs())
	r.Attrs(func(a slog.Attr) bool { attrs = append(attrs, a); return true })
	return flatten(attrs)
}

// flatten returns attrs with those of groups without a name in the place of the group,
// as handlers have it: they may be under the scheme's keys.
func flatten(attrs []slog.Attr) []slog.Attr {
	if !slices.ContainsFunc(attrs, isInline) {
		return attrs
	}
	flat := make([]slog.Attr, 0, len(attrs)+4)
	for _, a := range attrs {
		if !isInline(a) {
			flat = append(flat, a)
			continue
		}
		if v := a.Value.Resolve(); v.Kind() == slog.KindGroup {
			flat = append(flat, flatten(v.Group())...)
		} else {
			flat = append(flat, slog.Attr{Value: v})
		}
	}
	return flat
}

func isInline(a slog.Attr) bool {
	return a.Key == "" && (a.Value.Kind() == slog.KindGroup || a.Value.Kind() == slog.KindLogValuer)
}

// grouped returns attrs within the groups.
func (h *handler) grouped(attrs []slog.Attr) []slog.Attr {
	for i := len(h.groups) - 1; i >= 0; i-- {
		g := h.groups[i]
		attrs = []slog.Attr{{Key: g.name, Value: slog.GroupValue(slices.Concat(g.attrs, attrs)...)}}
	}
	return attrs
}
