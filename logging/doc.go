// SPDX-License-Identifier: Apache-2.0

// Package logging correlates log lines: each line says which request and which span it belongs
// to. Code far from the handler logs without knowing its request, and the line names it
// all the same, whatever logger, goroutine or library it comes from.
//
//	logger := zap.New(core, logging.Correlate())
//
//	charge := func(amount int) { // no ctx, no logger of the request's
//		logging.Add(zap.Int("amount", amount))
//		logger.Info("charging")
//	}
//
//	store.NewRequest("r-1").Run(context.Background(), func(context.Context) {
//		charge(42)
//		logger.Info("charged")
//	})
//
// prints, and with an active span also its trace_id, span_id and trace_flags,
//
//	{"level":"info","msg":"charging","request_id":"r-1","amount":42}
//	{"level":"info","msg":"charged","request_id":"r-1","amount":42}
//
// # What a line belongs to
//
// To the request and the span that are active on the goroutine (store.Current,
// and the span that tracing, or the ambient context, says is active). An explicit
// context beats that: [Ctx], on a line or given to With, or any field whose value
// is a context.Context; for slog, the one of InfoContext and its like. What such a
// context does not carry the goroutine answers, unless the two work for different
// requests.
//
// Outside a request, and without a span, a line is what it would be without this
// package. The ids, and what Add has collected, are written once: what is given by hand,
// on the line or to With, wins over Add, and that over what is ambient. Another key
// that is given twice by hand is printed twice, as zap and slog do. A trace id given by hand takes the
// ambient span id and flags off the line. The ids stand outside of namespaces and
// groups.
//
// # Which lines are written
//
// Those that the wrapped core or handler agrees to, unless options say otherwise:
// the request has a level of its own ([SetLevel], [WithLevel]), its trace is left
// out by sampling ([WithSampleRatio], [WithSampledTraces]), or a flight recorder
// ([WithFlightRecorder]) keeps what was not written until it is known how the
// request ends. Sampling keeps errors, and an error brings what was kept with it.
//
// # The end of a request
//
// A package that runs a Request for others, like middleware and jobs, signals its end by
// [Complete], with the same context and inside Request.Run, and then writes the
// completion line with a logger of the user's. Complete comes first, so that what
// a flight recorder has kept stands before the line that sums it up. Nothing else
// has to be done for what [Add] has collected to be on that line.
//
// A job that package jobs runs has the level of the request that has enqueued it, and the
// fields of [AddToJobs].
//
// # Failure
//
// A core's error reaches the logger's error output (zap.ErrorOutput), also for
// lines that were kept, and nothing else; so does its panic with a line that was kept.
// A value whose method panics, blocks or is nil inside costs its own field, at most.
// Mistakes in options panic where the
// logger is built, and say what to do.
//
// # Concurrency
//
// Everything here is safe for concurrent use. A line is composed on the goroutine
// that logs it. The lines that a flight recorder writes keep their order; while it
// writes, other lines of the request may be written by other goroutines.
//
// # Without the ambient half
//
// Where store.Ambient is false a line knows only its explicit context: bind a
// logger with logger.With(logging.Ctx(ctx)) at the request's start.
package logging
