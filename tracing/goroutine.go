// SPDX-License-Identifier: Apache-2.0

package tracing

import (
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"

	"github.com/asynclocal/asynclocal/internal/goroutine"
)

// WithGoroutines adds the goroutine on which a span is started to its attributes: the goroutine's
// number as thread.id, and the function that it began with as thread.name, which is
// "audit.(*Trail).Record.func1" for a function literal after go. A span whose parent has another
// number began on another goroutine; the inspector shows those as a tree.
//
// The runtime gives the number only in a traceback, so a span takes 4 to 16 µs longer, depending on
// the depth of the stack: use it in development. An option of [Wrap]; it is off by default.
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
