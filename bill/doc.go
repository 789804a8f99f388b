// SPDX-License-Identifier: Apache-2.0

// Package bill sums the cost of a request while it runs: the number of SQL statements, outgoing
// calls and messages, and how long they took; bytes; errors by type; the goroutines of store.Go; and
// which statements and calls were repeated. The sums are on the request's completion line and on its
// own span, under the same names.
//
//	otel.SetTracerProvider(tracing.Wrap(provider, tracing.WithBill()))
//
// The bill comes from the spans of any instrumentation, sampled or not. Their kind and their stable
// attributes decide what they count as; see [Sum]. Without tracing.WithBill nothing is summed, and
// it costs nothing.
//
// # Repetition
//
// A statement that a request executes again and again, with other literals, is most often a loop
// that should be one statement. [WithRepetition] sets how often is too often. [ExpectRepeats] is for
// repetition on purpose.
//
// # Cost
//
// With tracing.WithBill, a span of kind client or producer costs two more allocations. Its
// IsRecording returns true, so it is given all that a sampled span is given. Any other span that is
// started with options costs one more allocation. A span that is started without options costs none.
//
// # Concurrency
//
// Everything here is safe for concurrent use.
package bill
