// SPDX-License-Identifier: Apache-2.0

package value

import (
	"log/slog"

	"go.uber.org/zap"

	"github.com/asynclocal/asynclocal/internal/text"
)

// maxAttrs is how many values of a list of attributes are read: a LogValuer may return itself, twice.
const maxAttrs = 1000

// Fields returns attributes of slog's as zap has them: a group as zap.Dict, one without a name as its members, and what is
// no scalar as it is written by a JSON handler. A LogValuer is asked now, in bounded time.
func Fields(attrs []slog.Attr) []zap.Field {
	r := attrReader{left: maxAttrs}
	return r.fields(make([]zap.Field, 0, len(attrs)), attrs, 0)
}

type attrReader struct{ left int }

func (r *attrReader) fields(dst []zap.Field, attrs []slog.Attr, depth int) []zap.Field {
	for _, a := range attrs {
		if a.Equal(slog.Attr{}) {
			continue
		}
		v, failed := r.resolved(a.Value, depth)
		switch {
		case failed != "":
			dst = append(dst, zap.String(a.Key, failed))
		case v.Kind() != slog.KindGroup:
			dst = append(dst, fieldOf(a.Key, v))
		case a.Key == "":
			dst = r.fields(dst, v.Group(), depth+1)
		default:
			if inner := r.fields(nil, v.Group(), depth+1); len(inner) > 0 {
				dst = append(dst, zap.Dict(a.Key, inner...))
			}
		}
		if r.left < 0 {
			break
		}
	}
	return dst
}

func (r *attrReader) resolved(v slog.Value, depth int) (of slog.Value, failed string) {
	if r.left--; r.left < 0 || depth > text.MaxDepth {
		return v, "!ERROR: " + ErrLarge.Error()
	}
	if v.Kind() != slog.KindLogValuer {
		return v, ""
	}
	of, err := text.Call(v.Any(), v.Resolve)
	if err != nil {
		return v, "!ERROR: " + err.Error()
	}
	return of, ""
}

func fieldOf(key string, v slog.Value) zap.Field {
	switch v.Kind() {
	case slog.KindString:
		return zap.String(key, v.String())
	case slog.KindInt64:
		return zap.Int64(key, v.Int64())
	case slog.KindUint64:
		return zap.Uint64(key, v.Uint64())
	case slog.KindFloat64:
		return zap.Float64(key, v.Float64())
	case slog.KindBool:
		return zap.Bool(key, v.Bool())
	case slog.KindDuration:
		return zap.Duration(key, v.Duration())
	case slog.KindTime:
		return zap.Time(key, v.Time())
	}
	switch v := v.Any().(type) {
	case error:
		return zap.NamedError(key, v)
	case []byte:
		return zap.Binary(key, v)
	default:
		return zap.Reflect(key, v)
	}
}
