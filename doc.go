// SPDX-License-Identifier: Apache-2.0

// Package asynclocal holds no code but its Version: it is the front page of AsyncLocalStorage for Go and of the
// request context built on it. Import the packages you need:
//
//   - store: the context itself. A value set around a function is visible in everything that
//     function starts, with no context.Context threaded through; where one is, it wins.
//   - logging: zap and slog entries that carry the ids of the request they were written in.
//   - tracing: OpenTelemetry spans that find their parent, through libraries that drop the ctx too.
//   - middleware: the request's scope, its span, its metrics and its completion line, for Echo v4;
//     middleware/nethttp does the same for any http.Handler.
//   - jobs: a request's context into a message and out again.
//   - inspect: one request's spans, logs and jobs on one page, for development.
//
// The ambient half rests on the goroutine's profiler labels, which the runtime copies at every go
// statement. That is an implementation detail of the Go runtime: package store checks at start-up
// that it behaves as expected and, where it does not, carries on with explicit contexts alone.
package asynclocal
