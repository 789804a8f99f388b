// SPDX-License-Identifier: Apache-2.0

package tracing

import (
	"go.opentelemetry.io/otel/trace"

	"github.com/asynclocal/asynclocal/internal/watch"
)

// tellWatch reports to w a span that has lost its request, or has another's. A span that starts a
// trace by its nature (a server's, a consumer's, or one requested as a root) has lost nothing.
func (s *span) tellWatch(w *watch.Watch, opts []trace.SpanStartOption) {
	w.Context(s.start.Context, watch.Span)
	if s.request != nil || s.start.parent != nil {
		return
	}
	c := trace.NewSpanStartConfig(opts...)
	if k := c.SpanKind(); k == trace.SpanKindServer || k == trace.SpanKindConsumer || c.NewRoot() {
		return
	}
	w.Owned(watch.Span)
}
