// SPDX-License-Identifier: Apache-2.0

// Package blackbox is the flight recorder for spans: what a request's spans are is known while
// it runs, and exported only if that turns out to be worth it, because the request fails, is
// slow, logs an error or is asked for. The spans of all others are dropped in memory.
//
//	box := blackbox.New(sdktrace.NewBatchSpanProcessor(exporter), blackbox.WithSlowThreshold(time.Second))
//	provider := sdktrace.NewTracerProvider(sdktrace.WithSampler(box.Sampler(nil)), sdktrace.WithSpanProcessor(box))
//
// A [Box] stands before any SpanProcessor, and so before any exporter. It needs no middleware: a
// request is what has a span without a parent in this process. It has failed if that span has the
// status Error or an exception, as one has that a panic has ended. With the middleware, or package jobs, it is
// also what those say.
//
// # Head sampling
//
// [Box.Sampler] records what the sampler that it is given would drop. What that samples is
// exported at once, as it would be without a box; the box has the rest. In a span context the sampled flag
// says which, so that a request that is not sampled has lines with trace_flags 00, and
// measurements without exemplars, also if its spans are exported later: those have the flag set.
//
// # More than one process
//
// A trace that is to be exported is sampled from then on: calls that it makes have the sampled
// flag, which every process understands, and the member asynclocal=export in tracestate, which a
// Sampler of this package obeys where something on the way has cleared the flag. A process that
// answered before that cannot be told by a header. For those there is [WithShare]: it
// tells which traces are exported, over whatever channel there is, and [Box.Export] hears it.
// Meanwhile spans are held after the end of their request, for [WithHold]; the member asynclocal=wait
// has the processes that are called hold their spans too. As with the sampled flag, who
// sends that can have traces exported: on a public endpoint the middleware drops it.
//
// # What is lost
//
// A request keeps its first 1000 spans, and all requests 50 000; [WithSpanLimit] and [WithLimit]
// set other bounds. Past the second the oldest request goes, and of that only its own span is left, should
// it fail; [Box.Stats] counts both. Spans that end after their request has are dropped or
// exported as that was. Shutdown exports the requests that are still under way.
//
// # Concurrency
//
// Everything here is safe for concurrent use.
package blackbox
