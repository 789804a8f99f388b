// SPDX-License-Identifier: Apache-2.0

// Package tracing gives OpenTelemetry spans their parent, also where the ctx was
// dropped on the way: in a library that takes none, behind an interface, in a bare
// goroutine. A TracerProvider is wrapped once, and every instrumentation that takes
// one (SQL, Redis, gRPC, a cloud's SDK) is right from then on.
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
// The span of the ctx given to Start, local or remote. Else the one that the ctx
// carries: store.Context, and the ctx of Request.Run, carry the active span. Else
// the ambient active span of the goroutine, as long as the ctx does not belong to
// another Request than that. Else the new span is a root. A span of ctx that is not valid
// does not count, and trace.WithNewRoot does what it always does.
//
// # The active span
//
// A started span is the ambient active one on the goroutine that started it, and on
// those that are started there from now on, until it ends, or until the function
// that Run, Bind, Go or Do called returns. When it ends, the nearest that has not
// ended is active. Spans that end elsewhere, twice, late, out of order or never
// do no harm: reads skip what has ended. Of spans that are never ended
// a Request keeps the outermost and the last 127; outside Requests each tree of spans does.
//
// A goroutine that outlives its request's spans starts children of the outermost,
// until the Request expires (5 minutes after its end, see store.Request); from then
// on what it starts are roots. Work that is bound to the Request keeps it.
//
// # What a request sets in motion
//
// TraceTasks makes a span of each piece of bound work, which is otherwise in the trace only
// by the spans that it starts itself. WithGoroutines says of each span on which
// goroutine it was started. Both are off until asked for.
//
// # What is kept
//
// Whatever the wrapped provider's spans do they do here, a panic recorded by a
// deferred End included. The SDK, samplers, processors and exporters see their own
// spans, never ours. What a type assertion on a span would find, such as the SDK's
// ReadOnlySpan, is on the span that UnwrapSpan returns.
//
// Without an ambient context (store.Ambient is false) spans find their parent
// through ctx, as they do without this package.
//
// # Cost
//
// One allocation for a span outside Requests, sampled or not, and two inside: a goroutine
// that goes on after the Request must not hold the span and its ctx, so those stand apart
// from what it inherits. One more for a span that is started with options inside a
// Request, to add the id; none with the no-op provider.
//
// # Concurrency
//
// Everything here is safe for concurrent use.
package tracing
