// SPDX-License-Identifier: Apache-2.0

// Package doctor finds where a running program loses a request's context, and says how to cure it.
//
// Nearly every way to lose it is silent: a line without its id, a span without its parent. While a
// doctor is on, each place where that happens is a [Finding], reported once and counted:
//
//	func main() {
//		defer doctor.Start(doctor.WithLogger(logger))()
//		// … the program, as it is
//	}
//
//	WARN doctor: a line in a timer's callback belongs to no request
//	     where=/src/shop/mail.go:31 cure="store.AfterFunc(d, f) in the place of time.AfterFunc(d, f)"
//
// Start it first in main: it does not see what happened before. [Findings] returns what was found
// so far; [Handler] serves it as a page, and as the report that asynclocal vet -findings reads.
//
// # What is found
//
//	kind                    what
//	----------------------  ------------------------------------------------------------
//	timer                   a line or span in the callback of time.AfterFunc
//	context-after           the same of context.AfterFunc
//	cleanup                 the same of a finalizer or a cleanup
//	orphan-line             a line on a goroutine that belongs to no request: a pool's
//	                        worker, or what the first request happened to start
//	orphan-span             the same of a span that begins a trace
//	outside-middleware      a line or span in an HTTP handler that no middleware is around
//	labels-replaced         pprof.Do or SetGoroutineLabels took the context away, in which function
//	read-after-end          a read by a goroutine that has outlived its request
//	held-after-end          a goroutine that has outlived it, and keeps it in memory
//	foreign-ctx             a line or span with the ctx of another request
//	ended-ctx               the same, of one that is over: a ctx that was kept
//	storage-per-call        a Storage that is made in a request, and not once
//	logger-not-correlated   the middleware's, zap's or slog's global logger
//	provider-not-wrapped    the global TracerProvider
//	provider-wraps-nothing  the same, wrapped around itself
//	client-not-injecting    a request sent without its trace, see [WithDefaultTransport]
//	ambient-off             contexts do not travel with goroutines, and why
//
// # What is not
//
// Correct code is not reported: lines before the first request and on the main goroutine; lines of
// a goroutine that was started in [store.Exit], in a Storage's Run or by bound work; requests that
// the middleware was told to skip; the goroutines that net/http and database/sql keep for their
// connections, which happen to be started by their first user; and spans that begin a trace by
// nature, such as a server's, a consumer's or one that asks to be a root. A background goroutine
// that was started in Exit, because it works for no request, is left alone:
//
//	store.Exit(func() { go refresh(ctx) })
//
// # What it costs
//
// Without a doctor, each line, span and Run costs an atomic load, and nothing else. With a doctor,
// each request costs about a microsecond if nothing is lost, and a little more if something is.
// Memory is bounded: [MaxSites] places are kept.
//
// While a doctor is on, requests have their ids as a second profiler label, request_id, which
// identifies the goroutines that hold them. When requests expire, a goroutine profile is taken
// every ten seconds, and a traceback of all goroutines if one of those requests is held.
//
// # Concurrency
//
// Everything is safe for concurrent use. There is one doctor in a process. It starts two
// goroutines, which stop ends.
package doctor
