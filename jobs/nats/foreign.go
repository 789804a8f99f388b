// SPDX-License-Identifier: Apache-2.0

package natsjobs

import (
	"errors"
	"fmt"

	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
)

// readable returns err, or a replacement if its methods panic, as those of a nil pointer in an
// error do. err is read where nothing else would catch that panic.
func readable(err error) (checked error) {
	if err == nil {
		return nil
	}
	defer func() {
		if recover() != nil {
			checked = &unreadableError{text: textOf(err), kind: fmt.Sprintf("%T", err)}
		}
	}()
	_, _ = err.Error(), semconv.ErrorType(err)
	return err
}

// unreadableError stands for an error whose methods panic, with the text that fmt finds.
type unreadableError struct{ text, kind string }

func (e *unreadableError) Error() string     { return e.text }
func (e *unreadableError) ErrorType() string { return e.kind }

// textOf returns the text that fmt has for value. fmt catches the panics of its methods, and textOf
// what fmt panics with itself.
func textOf(value any) (text string) {
	defer func() {
		if recover() != nil {
			text = fmt.Sprintf("a %T that cannot be printed", value)
		}
	}()
	return fmt.Sprint(value)
}

// as is errors.AsType, but a panic of err's methods means false.
func as[E error](err error) (e E, ok bool) {
	defer func() {
		if recover() != nil {
			ok = false
		}
	}()
	ok = errors.As(err, &e)
	return e, ok
}
