// SPDX-License-Identifier: Apache-2.0

package logging

import (
	"context"
	"log/slog"
	"slices"

	"go.uber.org/zap/zapcore"

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
		errored(ctx, o.request)
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
