// SPDX-License-Identifier: Apache-2.0

// Package logging correlates log lines: each line says which request and which span it belongs to.
// Code far from the handler logs without knowing its request, and the line still names it, whatever
// logger, goroutine or library it comes from.
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
// A line belongs to the request and the span that are active on the goroutine (store.Current, and
// the active span of tracing or of the ambient context). An explicit context overrides that: [Ctx],
// on a line or given to With, or any field whose value is a context.Context; for slog, the ctx of
// InfoContext and similar methods. For what such a context does not carry, the goroutine is asked,
// unless the two work for different requests.
//
// Outside a request, and without a span, a line is the same as without this package. The ids, and
// the fields that Add has collected, are written once: fields given by hand, on the line or to
// With, win over Add, and Add wins over the ambient context. Any other key that is given twice by
// hand is printed twice, as zap and slog do. A trace id given by hand removes the ambient span id
// and flags from the line. The ids stand outside namespaces and groups.
//
// # Which lines are written
//
// The wrapped core or handler decides, unless options say otherwise: the request has its own level
// ([SetLevel], [WithLevel]), its trace is left out by sampling ([WithSampleRatio],
// [WithSampledTraces]), or a flight recorder ([WithFlightRecorder]) keeps the lines that were not
// written until the outcome of the request is known. Sampling keeps errors, and an error causes the
// kept lines to be written.
//
// # The end of a request
//
// A package that runs a Request for others, like middleware and jobs, signals its end by calling
// [Complete], with the same context and inside Request.Run, and then writes the completion line
// with the user's logger. Complete comes first, so that the lines a flight recorder has kept stand
// before the completion line. The fields that [Add] has collected are on that line without further
// calls.
//
// A job that package jobs runs has the level of the request that enqueued it, and the fields of
// [AddToJobs].
//
// # Failure
//
// A core's error is reported to the logger's error output (zap.ErrorOutput), also for lines that
// were kept, and nowhere else; so is its panic on a kept line. A value whose method panics, blocks
// or is nil inside costs at most its own field. Mistakes in options panic where the logger is
// built, and say what to do.
//
// # Concurrency
//
// Everything here is safe for concurrent use. A line is composed on the goroutine that logs it.
// Lines that a flight recorder writes keep their order; meanwhile, other goroutines may write other
// lines of the request.
//
// # Without the ambient half
//
// If store.Ambient is false, a line knows only its explicit context: bind a logger with
// logger.With(logging.Ctx(ctx)) at the request's start.
package logging
