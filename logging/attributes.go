// SPDX-License-Identifier: Apache-2.0

package logging

import (
	"go.opentelemetry.io/otel/attribute"
	"go.uber.org/zap/zapcore"

	"github.com/asynclocal/asynclocal/internal/logstate"
	"github.com/asynclocal/asynclocal/internal/value"
	"github.com/asynclocal/asynclocal/logging/redact"
	"github.com/asynclocal/asynclocal/store"
)

// Attributes returns a function that returns the fields that Add has collected for a request, as
// attributes of a span. They have the same keys and bounds, and are redacted as on core's lines: by
// the options of all correlated cores in core. If there are no such cores, or core is nil, only
// headers and query parameters are redacted.
//
// The options WithSpanFields of middleware and jobs do this for their spans. For another span, call
// the function when the work is over:
//
//	attributes := logging.Attributes(logger.Core()) // once
//	…
//	tracing.RequestSpanFrom(ctx).SetAttributes(attributes(request)...)
//
// A duration is in seconds, a time is text, and an object is a map. The function is safe for
// concurrent use. For a nil Request, and for one without fields, it returns nil.
func Attributes(core zapcore.Core) func(*store.Request) []attribute.KeyValue {
	redactors := redactorsOf(core)
	return func(r *store.Request) (all []attribute.KeyValue) {
		for _, f := range logstate.Peek(r).Fields() {
			value.AsJSON(&f)
			for _, redactor := range redactors {
				redactor.Field(&f)
			}
			all = value.AppendAttributes(all, &f)
		}
		return all
	}
}

// redactorsOf returns the redactors of the correlated cores in core, or the default one if there
// are no such cores.
func redactorsOf(core zapcore.Core) (all []*redact.Redactor) {
	if core != nil {
		p := probe{met: func(c *config) { all = append(all, c.redactor) }}
		core.With([]zapcore.Field{p.field()})
	}
	if len(all) == 0 {
		all = append(all, redact.New())
	}
	return all
}
