// SPDX-License-Identifier: Apache-2.0

package logging

import (
	"log/slog"
	"slices"

	"go.uber.org/zap"

	"github.com/asynclocal/asynclocal/internal/logstate"
	"github.com/asynclocal/asynclocal/internal/value"
)

func replaceAttr(attrs []slog.Attr, a slog.Attr) []slog.Attr {
	if at := slices.IndexFunc(attrs, func(b slog.Attr) bool { return b.Key == a.Key }); at >= 0 {
		attrs[at] = a
		return attrs
	}
	return append(attrs, a)
}

// compose returns r with the fields of its request and span, outside any group. It is redacted if
// it is to be written now.
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

// scan returns which of the scheme's fields are in attrs by hand, and their keys outside groups.
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

// attrs returns the attributes of r as they appear in a line.
func (h *handler) attrs(r slog.Record) []slog.Attr {
	attrs := make([]slog.Attr, 0, r.NumAttrs())
	r.Attrs(func(a slog.Attr) bool { attrs = append(attrs, a); return true })
	return flatten(attrs)
}

// flatten returns attrs with each unnamed group replaced by its attributes, as handlers do: they
// may be under the scheme's keys.
func flatten(attrs []slog.Attr) []slog.Attr {
	var asked value.Valuers
	return flattened(attrs, &asked)
}

func flattened(attrs []slog.Attr, asked *value.Valuers) []slog.Attr {
	if !slices.ContainsFunc(attrs, isInline) {
		return attrs
	}
	flat := make([]slog.Attr, 0, len(attrs)+4)
	for _, a := range attrs {
		if !isInline(a) {
			flat = append(flat, a)
			continue
		}
		if a.Value.Kind() == slog.KindLogValuer && asked.Spent() {
			flat = append(flat, slog.Attr{Value: value.Beyond()})
			continue
		}
		if v := a.Value.Resolve(); v.Kind() == slog.KindGroup {
			flat = append(flat, flattened(v.Group(), asked)...)
		} else {
			flat = append(flat, slog.Attr{Value: v})
		}
	}
	return flat
}

func isInline(a slog.Attr) bool {
	return a.Key == "" && (a.Value.Kind() == slog.KindGroup || a.Value.Kind() == slog.KindLogValuer)
}

// grouped returns attrs inside h's groups.
func (h *handler) grouped(attrs []slog.Attr) []slog.Attr {
	for i := len(h.groups) - 1; i >= 0; i-- {
		g := h.groups[i]
		attrs = []slog.Attr{{Key: g.name, Value: slog.GroupValue(slices.Concat(g.attrs, attrs)...)}}
	}
	return attrs
}
