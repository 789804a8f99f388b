// SPDX-License-Identifier: Apache-2.0

package encode

import (
	"log/slog"

	"github.com/asynclocal/asynclocal/internal/text"
)

// The maximum numbers of values that are looked at in a line and in one of its attributes: a
// LogValuer may return itself, twice. At least one value of each further attribute is still looked
// at.
const (
	maxValues    = 4000
	maxOfOneAttr = 1000
)

// beyond replaces values beyond the bounds.
const beyond = "…"

// Slog adds a slog attribute, by the rules for handlers: a group without a name is replaced by its
// members, and empty attributes and groups are left out.
func (f *Fields) Slog(a slog.Attr) {
	most := max(1, min(maxOfOneAttr, maxValues-f.values))
	r := slogReader{left: most}
	r.add(f, a, 0)
	f.values += most - max(0, r.left)
}

// slogReader reads the values of one attribute.
type slogReader struct{ left int }

func (r *slogReader) add(f *Fields, a slog.Attr, depth int) {
	v, ok := r.resolved(a.Value, depth)
	switch {
	case !ok:
		f.text(a.Key, v.String())
	case a.Key == "" && v.Kind() == slog.KindGroup:
		for _, inner := range v.Group() {
			r.add(f, inner, depth+1)
		}
	case a.Equal(slog.Attr{}):
	case v.Kind() == slog.KindString:
		f.text(a.Key, v.String())
	case v.Kind() == slog.KindGroup && len(v.Group()) == 0:
	default:
		if err, ok := v.Any().(error); ok && v.Kind() == slog.KindAny {
			f.error(a.Key, err)
			return
		}
		f.add(a.Key, func(b []byte) []byte { return r.append(b, v, depth) })
	}
}

// resolved asks a LogValuer for its value, in bounded time. If ok is false, of is a text that says
// why.
func (r *slogReader) resolved(v slog.Value, depth int) (of slog.Value, ok bool) {
	if r.left--; r.left < 0 || depth > maxDepth {
		return slog.StringValue(beyond), false
	}
	if v.Kind() != slog.KindLogValuer {
		return v, true
	}
	of, err := text.Call(v.Any(), v.Resolve)
	if err != nil {
		return slog.StringValue("!ERROR: " + err.Error()), false
	}
	return of, true
}

// append appends the fields of an AnyValue for a resolved value.
func (r *slogReader) append(b []byte, v slog.Value, depth int) []byte {
	if v.Kind() == slog.KindGroup {
		return appendMessage(b, mapValue, func(b []byte) []byte { return r.group(b, v.Group(), depth+1) })
	}
	return appendAny(b, v.Any(), depth)
}

func (r *slogReader) group(b []byte, attrs []slog.Attr, depth int) []byte {
	for _, a := range attrs {
		if a.Equal(slog.Attr{}) {
			continue
		}
		v, ok := r.resolved(a.Value, depth)
		switch {
		case ok && a.Key == "" && v.Kind() == slog.KindGroup:
			b = r.group(b, v.Group(), depth+1)
		case r.left < 0:
			return appendPair(b, elements, a.Key, func(b []byte) []byte { return appendText(b, beyond) })
		default:
			b = appendPair(b, elements, a.Key, func(b []byte) []byte { return r.append(b, v, depth) })
		}
	}
	return b
}
