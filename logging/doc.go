// SPDX-License-Identifier: Apache-2.0

// Package logging makes the lines of a request tell one story. Code far from the
// handler logs without knowing which request it works for, and the line says so
// all the same: whatever logger, goroutine or library it comes from.
//
//	logger := zap.New(core, logging.Correlate())
//
//	func charge(amount int) {            // no ctx, no logger of the request's
//		logging.Add(zap.Int("amount", amount))
//		logger.Info("charging")
//	}
//
//	store.NewRequest("").Run(ctx, func(ctx context.Context) {
//		charge(42)
//		logging.Complete(ctx, logging.Outcome{Failed: false})
//	})
//
//	{"level":"info","msg":"charging","request_id":"…","trace_id":"…","span_id":"…","trace_flags":"01","amount":42}
//
// # Whom a line belongs to
//
// To the request and the span that are active on the goroutine (store.Current,
// and the span that tracing, or the ambient context, says is active). An explicit
// context beats that: [Ctx], on a line or given to With, or any field whose value
// is a context.Context. What such a context does not carry the goroutine answers,
// unless the two work for different requests.
//
// Outside a request, and without a span, a line is what it would be without this
// package. Every field is written once: one given by hand, on the line or to With,
// wins over what is ambient, and a trace id given by hand takes the ambient span
// id and flags off the line.
//
// # The end of a request
//
// Whoever runs a Request for others, like middleware and jobs, signals its end by
// [Complete], with the same context and inside Request.Run, and then writes the
// completion line with a logger of the user's. Complete comes first, so that what
// a flight recorder has kept stands before the line that sums it up. Nothing else
// has to be done for what [Add] has collected to be on that line.
//
// # Concurrency
//
// Everything here is safe for concurrent use. A line is composed on the goroutine
// that logs it.
//
// # Without the ambient half
//
// Where store.Ambient is false a line knows only its explicit context: bind a
// logger with logger.With(logging.Ctx(ctx)) at the request's start.
package logging
