// SPDX-License-Identifier: Apache-2.0

package adapter

import (
	"errors"
	"fmt"

	"github.com/asynclocal/asynclocal/internal/text"
	"github.com/asynclocal/asynclocal/middleware/internal/httpconv"
)

// panicked is the value of a panic as an error.
type panicked struct{ value any }

func (p *panicked) Error() string { return text.Of(p.value, httpconv.MaxError) }

// Unwrap returns the value if it is an error.
func (p *panicked) Unwrap() error {
	err, _ := p.value.(error)
	return err
}

// ErrorType returns the type of the value, for error.type.
func (p *panicked) ErrorType() string {
	if err, ok := p.value.(error); ok {
		return typeOf(err)
	}
	return fmt.Sprintf("%T", p.value)
}

// errGoexit is the outcome of a handler that ended its goroutine.
var errGoexit = errors.New("the handler called runtime.Goexit")

// errOption is the outcome of a request whose handler has returned, but where a function given as
// an option, for its metrics or its name, then panicked.
var errOption = errors.New("a function given to the middleware as an option panicked")
