// SPDX-License-Identifier: Apache-2.0

// Package tracing gives OpenTelemetry spans their parent, even where the ctx was dropped on the
// way: in a library that takes no ctx, behind an interface, in a bare goroutine. Wrap a
// TracerProvider once, and every instrumentation that takes one (SQL, Redis, gRPC, a cloud SDK)
// starts its spans under the right parent.
//
//	provider := sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter))
//	otel.SetTracerProvider(tracing.Wrap(provider))
//
//	func handle(ctx context.Context) error {
//		ctx, span := tracer.Start(ctx, "handle")
//		defer span.End()
//		return save() // no ctx: a span that it starts is a child of handle
//	}
//
// # Which parent
//
// The parent is the span of the ctx given to Start, local or remote. Else it is the span that the
// ctx carries: store.Context, and the ctx of Request.Run, carry the active span. Else it is the
// ambient active span of the goroutine, unless the ctx belongs to another Request. Else the new
// span is a root. A span of ctx that is not valid does not count, and trace.WithNewRoot works as
// always.
//
// # The active span
//
// A started span is the ambient active one on the goroutine that started it, and on goroutines that
// are started there from now on. It stays active until it ends, or until the function that Run,
// Bind, Go or Do called returns. When it ends, the nearest span that has not ended is active. Spans
// that end elsewhere, twice, late, out of order or never do no harm: reads skip spans that have
// ended. Of spans that never end, a Request keeps the outermost and the last 127; outside Requests
// each tree of spans does.
//
// A goroutine that outlives its request's spans starts children of the outermost one, until the
// Request expires (5 minutes after its end, see store.Request); from then on it starts roots. Work
// that is bound to the Request keeps it.
//
// # What a request sets in motion
//
// TraceTasks makes a span of each piece of bound work, which otherwise shows in the trace only
// through the spans that it starts itself. WithGoroutines records for each span the goroutine that
// it was started on. Both are off by default.
//
// # What is kept
//
// The wrapped provider's spans keep their behavior, including that a deferred End records a panic.
// The SDK, samplers, processors and exporters see their own spans, never ours. For a type
// assertion, such as to the SDK's ReadOnlySpan, use the span that UnwrapSpan returns.
//
// Without an ambient context (store.Ambient is false) spans find their parent
// through ctx, as they do without this package.
//
// # Cost
//
// A span costs one allocation more outside Requests, sampled or not, and two inside: a goroutine
// that continues after the Request must not hold the span and its ctx, so those are allocated apart
// from what it inherits. A span that is started with options inside a Request costs one more, to
// add the id. With the no-op provider there is no extra allocation.
//
// # Concurrency
//
// Everything here is safe for concurrent use.
package tracing
