// SPDX-License-Identifier: Apache-2.0

// Package bill is what a request cost, summed while it runs: how many SQL statements, outgoing
// calls and messages, and how long they took, bytes, errors by type, the goroutines of
// store.Go, and which statements and calls were repeated. It is on the request's completion line,
// and on its own span, under the same names.
//
//	otel.SetTracerProvider(tracing.Wrap(provider, tracing.WithBill()))
//
// It is made of the spans of any instrumentation, sampled or not, by their kind and their
// stable attributes; see [Sum] for what counts as what. Without tracing.WithBill nothing is summed, and nothing is
// spent on it.
//
// # Repetition
//
// A statement that is executed again and again in a request, with other literals, is most often
// a loop that wants to be one statement. [WithRepetition] says how often is too often;
// [ExpectRepeats] is for where it is meant.
//
// # Cost
//
// With it on, a span of a client or producer costs two allocations more, and is told
// what it would be if it were sampled, as IsRecording says true of it; of any other that is started with
// options, one. One that is started without costs none.
//
// # Concurrency
//
// Everything here is safe for concurrent use.
package bill
