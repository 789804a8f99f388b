// SPDX-License-Identifier: Apache-2.0

package encode

import (
	"log/slog"

	"github.com/asynclocal/asynclocal/internal/text"
)

// Slog adds an attribute of slog's, as a handler has to: groups without a name are part of what they are
// in, and what is empty is left out.
func (f *Fields) Slog(a slog.Attr) {
	v, failed := resolved(a.Value)
	switch {
	case failed != "":
		f.text(a.Key, failed)
	case a.Key == "" && v.Kind() == slog.KindGroup:
		for _, inner := range v.Group() {
			f.Slog(inner)
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
		f.add(a.Key, func(b []byte) []byte { return appendSlog(b, v, 0) })
	}
}

// resolved asks a LogValuer for its value, in bounded time. failed says why it has none.
func resolved(v slog.Value) (of slog.Value, failed string) {
	if v.Kind() != slog.KindLogValuer {
		return v, ""
	}
	of, err := text.Call(v.Any(), v.Resolve)
	if err != nil {
		return v, "!ERROR: " + err.Error()
	}
	return of, ""
}

func appendSlog(b []byte, v slog.Value, depth int) []byte {
	v, failed := resolved(v)
	switch {
	case failed != "":
		return appendText(b, failed)
	case depth > maxDepth:
		return appendText(b, "…")
	case v.Kind() == slog.KindGroup:
		return appendMessage(b, mapValue, func(b []byte) []byte { return appendGroup(b, v.Group(), depth) })
	}
	return appendAny(b, v.Any(), depth)
}

func appendGroup(b []byte, attrs []slog.Attr, depth int) []byte {
	for _, a := range attrs {
		switch {
		case a.Key == "" && a.Value.Kind() == slog.KindGroup && depth <= maxDepth:
			b = appendGroup(b, a.Value.Group(), depth+1)
		case a.Equal(slog.Attr{}):
		default:
			b = appendPair(b, elements, a.Key, func(b []byte) []byte { return appendSlog(b, a.Value, depth+1) })
		}
	}
	return b
}
