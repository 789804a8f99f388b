// SPDX-License-Identifier: Apache-2.0

// Package blackbox is a flight recorder for spans. It keeps a request's spans in memory, and exports
// them only if that turns out to be worth it, because the request fails, is slow, logs an error or is
// asked for. It drops the spans of all other requests.
//
//	box := blackbox.New(sdktrace.NewBatchSpanProcessor(exporter), blackbox.WithSlowThreshold(time.Second))
//	provider := sdktrace.NewTracerProvider(sdktrace.WithSampler(box.Sampler(nil)), sdktrace.WithSpanProcessor(box))
//
// A [Box] wraps any SpanProcessor, and so any exporter. It needs no middleware: a span without a
// parent in this process is a request's own span. The request has failed if that span has the status
// Error or an exception. A span that was ended by a panic has an exception. With the middleware or
// package jobs, what they report counts as well.
//
// # Head sampling
//
// [Box.Sampler] wraps a sampler. Spans that the wrapped sampler samples are exported at once, as
// without a box. Spans that it would drop are recorded and kept in the box. The sampled flag of the
// span context tells the two apart. A request that is not sampled therefore has lines with
// trace_flags 00, and measurements without exemplars, even if its spans are exported later. The
// exported spans have the flag set.
//
// # More than one process
//
// Once it is decided that a trace is exported, it is sampled. Its calls then carry the sampled flag,
// which every process understands, and the member asynclocal=export in tracestate. A Sampler of this
// package obeys the member even if something on the way has cleared the flag. A header cannot reach
// a process that answered before the decision. [WithShare] is for such processes: it tells them, over
// any channel, which traces are exported, and they call [Box.Export]. Until then spans are held after
// the end of their request, for [WithHold]. The member asynclocal=wait makes called processes hold
// their spans too. As with the sampled flag, a caller that sends the member can have traces exported.
// On a public endpoint the middleware drops it.
//
// # What is lost
//
// A request keeps its first 1000 spans, and all requests together keep 50 000. [WithSpanLimit] and
// [WithLimit] set other limits. Past the second limit the oldest request is dropped; if it fails
// later, only its own span is exported. [Box.Stats] counts both losses. A span that ends after its
// request is dropped or exported as the request was. Shutdown exports the requests that are still
// under way.
//
// # Concurrency
//
// Everything here is safe for concurrent use.
package blackbox
