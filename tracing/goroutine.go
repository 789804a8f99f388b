// SPDX-License-Identifier: Apache-2.0

package tracing

import (
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"

	"github.com/asynclocal/asynclocal/internal/goroutine"
)

// WithGoroutines makes the goroutine on which a span is started attributes of it:
// its number as thread.id, and the function that it began with as thread.name, which
// is "audit.(*Trail).Record.func1" for a function literal after go. A span whose
// parent has another number began on a goroutine of its own; the inspector shows
// those as a tree.
//
// The runtime says the number in a traceback only, so a span takes 4 to 16 µs longer,
// by the depth of the stack: it is for development. An option of [Wrap]; the default
// is none.
//
// https://opentelemetry.io/docs/specs/semconv/registry/attributes/thread/
func WithGoroutines() Option {
	return option{"WithGoroutines", takerWrap, func(c *config) { c.goroutines = true }}
}

func goroutineOptions() []trace.SpanStartOption {
	return []trace.SpanStartOption{trace.WithAttributes(
		semconv.ThreadID(int(goroutine.ID())),
		semconv.ThreadName(goroutine.Entry()),
	)}
}
