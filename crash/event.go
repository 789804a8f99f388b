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
	Fatal  Kind = "fatal error" // thrown by the runtime: nothing could have recovered it
	Signal Kind = "signal"
)

// Event is a crash. What is not known is the zero value.
type Event struct {
	Time time.Time `json:"time"` // when the monitor read it
	Kind Kind      `json:"kind"`
	// Message is what was panicked with, or the signal. Of what the runtime throws it is what the
	// functions in the traceback tell, such as "stack overflow": the runtime's own words are on
	// stderr alone.
	Message string `json:"message"`

	// Request and RequestID are those of the goroutine that crashed; after a signal, of the first
	// that worked for a request.
	Request   string `json:"request,omitempty"`
	RequestID string `json:"request_id,omitempty"`
	Goroutine int64  `json:"goroutine,omitempty"` // its number
	State     string `json:"state,omitempty"`     // such as "running" or "chan receive"

	Top   Frame  `json:"top"`   // the innermost frame of it that is neither Go's nor ours
	Stack string `json:"stack"` // its traceback, cut at 64 KiB

	Goroutines int            `json:"goroutines"`           // how many were printed
	ByRequest  map[string]int `json:"by_request,omitempty"` // how many of them by the name of their request

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

// Attrs returns the Event for a line of slog, under the keys of OpenTelemetry's conventions
// where they have one.
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
