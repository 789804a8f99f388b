// SPDX-License-Identifier: Apache-2.0

package natsjobs

import (
	"errors"
	"fmt"

	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
)

// readable returns err, or what stands for it if its methods panic, as those of a
// nil pointer in an error do: it is read where nothing else would catch that.
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

// unreadableError is an error whose methods panic, in the words that fmt finds.
type unreadableError struct{ text, kind string }

func (e *unreadableError) Error() string     { return e.text }
func (e *unreadableError) ErrorType() string { return e.kind }

// textOf is what fmt has for value, which catches the panics of its methods, and
// what it panics with itself.
func textOf(value any) (text string) {
	defer func() {
		if recover() != nil {
			text = fmt.Sprintf("a %T that cannot be printed", value)
		}
	}()
	return fmt.Sprint(value)
}

// as is errors.AsType, which calls methods of err's, and its panics mean no.
func as[E error](err error) (e E, ok bool) {
	defer func() {
		if recover() != nil {
			ok = false
		}
	}()
	ok = errors.As(err, &e)
	return e, ok
}
