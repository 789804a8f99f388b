// SPDX-License-Identifier: Apache-2.0

package crash

import (
	"log/slog"
	"time"
)

// Kind is how a process crashed.
type Kind string

// The kinds of crashes.
const (
	Panic  Kind = "panic"
	Fatal  Kind = "fatal error" // thrown by the runtime: it cannot be recovered
	Signal Kind = "signal"
)

// Event is a crash. Fields that are not known have the zero value.
type Event struct {
	Time time.Time `json:"time"` // when the monitor read it
	Kind Kind      `json:"kind"`
	// Message is the value of the panic, or the signal. For an error that the runtime throws, it is
	// derived from the functions in the traceback, such as "stack overflow": the runtime's own
	// message is only on stderr.
	Message string `json:"message"`

	// Request and RequestID are those of the goroutine that crashed; after a signal, of the first
	// goroutine that worked for a request.
	Request   string `json:"request,omitempty"`
	RequestID string `json:"request_id,omitempty"`
	Goroutine int64  `json:"goroutine,omitempty"` // its number
	State     string `json:"state,omitempty"`     // such as "running" or "chan receive"

	Top   Frame  `json:"top"`   // its innermost frame that belongs neither to Go nor to this module
	Stack string `json:"stack"` // its traceback, cut at 64 KiB

	Goroutines int            `json:"goroutines"`           // how many were printed
	ByRequest  map[string]int `json:"by_request,omitempty"` // how many of them, by the name of their request

	Program   string `json:"program"`           // the main package's path
	Version   string `json:"version,omitempty"` // the main module's
	Revision  string `json:"revision,omitempty"`
	GoVersion string `json:"go_version"`
	PID       int    `json:"pid"`
}

// Frame is one call of a traceback.
type Frame struct {
	Function string `json:"function,omitempty"`
	File     string `json:"file,omitempty"`
	Line     int    `json:"line,omitempty"`
}

// Attrs returns the Event as attributes for a log line, under the keys of OpenTelemetry's
// conventions if they define one.
func (e *Event) Attrs() []slog.Attr {
	attrs := []slog.Attr{
		slog.String("exception.type", string(e.Kind)), slog.String("exception.message", e.Message),
		slog.String("exception.stacktrace", e.Stack),
		slog.String("code.function.name", e.Top.Function), slog.String("code.file.path", e.Top.File), slog.Int("code.line.number", e.Top.Line),
		slog.Int64("goroutine", e.Goroutine), slog.Int("goroutines", e.Goroutines), slog.Any("goroutines_by_request", e.ByRequest),
		slog.String("program", e.Program), slog.String("version", e.Version), slog.String("revision", e.Revision),
		slog.String("go_version", e.GoVersion), slog.Int("process.pid", e.PID),
	}
	if e.Request != "" {
		attrs = append(attrs, slog.String("request", e.Request))
	}
	if e.RequestID != "" {
		attrs = append(attrs, slog.String("request_id", e.RequestID))
	}
	return attrs
}
