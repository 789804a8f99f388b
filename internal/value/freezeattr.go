// SPDX-License-Identifier: Apache-2.0

package value

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"reflect"

	"github.com/asynclocal/asynclocal/internal/text"
)

// FreezeAttr returns a with its value in a form that nothing can change. A LogValuer is asked when
// the line is written, unless it cannot be copied.
func FreezeAttr(a slog.Attr, r Rules) slog.Attr {
	var asked Valuers
	return freezeAttr(a, r, &asked)
}

func freezeAttr(a slog.Attr, r Rules, asked *Valuers) slog.Attr {
	switch a.Value.Kind() {
	case slog.KindGroup:
		inner := make([]slog.Attr, 0, len(a.Value.Group()))
		for _, m := range a.Value.Group() {
			inner = append(inner, freezeAttr(m, r, asked))
		}
		a.Value = slog.GroupValue(inner...)
	case slog.KindString:
		if s := a.Value.String(); len(s) > maxText {
			a.Value = slog.StringValue(cut(s))
		}
	case slog.KindAny:
		a.Value = slog.AnyValue(freezeAny(a.Value.Any(), r))
	case slog.KindLogValuer:
		a.Value = freezeValuer(a.Value, r, asked)
	}
	return a
}

func freezeValuer(v slog.Value, r Rules, asked *Valuers) slog.Value {
	if asked.Spent() {
		return Beyond()
	}
	switch copied, err := new(copier).copied(v.Any()); {
	case err == nil:
		return slog.AnyValue(copied)
	case errors.Is(err, ErrLarge):
		return slog.StringValue("!ERROR: " + err.Error())
	}
	resolved, err := text.Call(v.Any(), v.Resolve)
	if err != nil {
		return slog.StringValue("!ERROR: " + err.Error())
	}
	return freezeAttr(slog.Attr{Value: resolved}, r, asked).Value
}

func freezeAny(v any, r Rules) any {
	switch b := v.(type) {
	case error:
		return v
	case []byte:
		return bytes.Clone(b[:min(len(b), maxText)])
	}
	switch k := reflect.ValueOf(v).Kind(); k {
	case reflect.Func, reflect.Chan, reflect.UnsafePointer:
		return fmt.Sprintf("%p", v) // JSON has no form for it
	}
	if copied, err := new(copier).copied(v); err == nil {
		return copied
	}
	s, err := freezeValue(r.Value(v), r)
	if err == nil {
		return s
	}
	if text.Printable(v) && !r.MayHide(reflect.TypeOf(v)) {
		if s, err := text.Call(v, func() string { return fmt.Sprintf("%+v", v) }); err == nil {
			return s
		}
	}
	return "!ERROR: " + err.Error()
}
