// SPDX-License-Identifier: Apache-2.0

package jobs

import (
	"fmt"
	"runtime/debug"

	"go.opentelemetry.io/otel"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.uber.org/zap"

	"github.com/asynclocal/asynclocal/internal/text"
)

// Maximum lengths of the texts of an error, in bytes.
const (
	maxError     = 1024
	maxErrorType = 128
	maxName      = 256 // of a job; a message may bring the name
)

// errorText returns the type and the text of err as they are recorded, and the field for the
// completion line: err itself, unless its methods fail, it is too long, or it must be redacted.
func errorText(err error) (kind, message string, field zap.Field) {
	kind = text.Type(err, maxErrorType, func(err error) string { return semconv.ErrorType(err).Value.AsString() })
	message, itself := text.Plain(err, maxError)
	if itself {
		return kind, message, zap.Error(err)
	}
	return kind, message, zap.Error(&shown{kind, message})
}

// shown is an error in the words that may be shown.
type shown struct{ kind, message string }

func (s *shown) Error() string     { return s.message }
func (s *shown) ErrorType() string { return s.kind }

// sinkPanicked is deferred around the calls that report a job's end. They run foreign code, and the
// job is done: a panic there costs neither the job's result nor its span.
func sinkPanicked() {
	if value := recover(); value != nil {
		otel.Handle(fmt.Errorf("asynclocal: writing the completion line of a job panicked: %s\n%s", text.Of(value, maxError), debug.Stack()))
	}
}
