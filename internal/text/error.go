// SPDX-License-Identifier: Apache-2.0

package text

import (
	"context"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
)

// Error returns the text of err, in at most limit bytes. If err is nil inside, or panics, it
// returns what package fmt prints. URLs in it are shown as by [URLs].
func Error(err error, limit int) string { return ErrorOf(err, limit, nil) }

// Plain is Error, and also reports whether the result is err's own text, unchanged.
func Plain(err error, limit int) (shown string, itself bool) {
	s := said(err)
	shown = shorten(s, limit, nil)
	return shown, err != nil && s == shown && !isExcuse(s)
}

// isExcuse reports whether s may be a result of excuse.
func isExcuse(s string) bool { return s == "<nil>" || strings.HasPrefix(s, "%!v(") }

// ErrorOf is Error with q to say what of a query may be shown.
func ErrorOf(err error, limit int, q *Query) string { return shorten(said(err), limit, q) }

// shorten reads no more of s than it needs.
func shorten(s string, limit int, q *Query) string { return Valid(URLs(Cut(s, 4*limit), q), limit) }

func said(err error) string {
	if err == nil {
		return "<nil>"
	}
	if slices.Contains(settled, reflect.TypeOf(err)) {
		return err.Error()
	}
	s, failed := Call(err, err.Error)
	if failed != nil {
		return excuse(err, "Error", failed)
	}
	return s
}

// settled are the types of errors whose text is a string that they hold.
var settled = []reflect.Type{
	reflect.TypeOf(io.EOF),
	reflect.TypeOf(fmt.Errorf("%w", io.EOF)),
	reflect.TypeOf(fmt.Errorf("%w%w", io.EOF, io.EOF)),
	reflect.TypeOf(fmt.Errorf("%d", 0)),
	reflect.TypeOf(context.Canceled),
	reflect.TypeOf(context.DeadlineExceeded),
}

// excuse returns the text of a value whose method has failed, as package fmt prints it.
func excuse(v any, method string, failed error) string {
	if r := reflect.ValueOf(v); errors.Is(failed, ErrPanic) && r.Kind() == reflect.Pointer && r.IsNil() {
		return "<nil>"
	}
	if errors.Is(failed, ErrPanic) {
		return "%!v(PANIC=" + method + " method: " + failed.Error()[len(ErrPanic.Error())+1:] + ")"
	}
	return "%!v(" + method + " method " + failed.Error() + ")"
}

// Of returns what fmt.Sprint prints for v, such as the value of a panic, in at most limit bytes.
// For a value that is too deep or too large to print, it returns the type.
func Of(v any, limit int) string {
	switch x := v.(type) {
	case nil:
		return "<nil>"
	case string:
		return shorten(x, limit, nil)
	case error:
		return Error(x, limit)
	case bool, int, int8, int16, int32, int64, uint, uint8, uint16, uint32, uint64, uintptr, float32, float64:
		return fmt.Sprint(x)
	case fmt.Stringer:
		s, failed := Call(x, x.String)
		if failed != nil {
			s = excuse(x, "String", failed)
		}
		return shorten(s, limit, nil)
	}
	if !Printable(v) {
		return fmt.Sprintf("%T, too deep or too large to be printed", v)
	}
	s, failed := Call(v, func() string { return fmt.Sprint(v) })
	if failed != nil {
		s = fmt.Sprintf("%T, whose %s", v, excuse(v, "Format", failed))
	}
	return shorten(s, limit, nil)
}

// Type returns what named returns for err, in at most limit bytes, or err's type if a method of err
// that named calls fails.
func Type(err error, limit int, named func(error) string) (name string) {
	defer func() {
		if recover() != nil {
			name = Valid(fmt.Sprintf("%T", err), limit)
		}
	}()
	return Valid(named(err), limit)
}

// Is is errors.Is, but false if a method of err panics.
func Is(err, target error) (is bool) {
	defer func() {
		if recover() != nil {
			is = false
		}
	}()
	return errors.Is(err, target)
}

// As is errors.AsType, but false if a method of err panics.
func As[E error](err error) (found E, ok bool) {
	defer func() {
		if recover() != nil {
			ok = false
		}
	}()
	ok = errors.As(err, &found)
	return found, ok
}
