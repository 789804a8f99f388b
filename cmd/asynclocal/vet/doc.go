// SPDX-License-Identifier: Apache-2.0

// Package vet is the checks of asynclocal vet: analyzers that find the places of a program where
// the context of a request gets lost.
//
//	multichecker.Main(vet.Analyzers(nil)...)
//
// # What is a finding
//
// A place that runs in requests, and hands work to something that does not know the request: a timer,
// a pool's worker, the goroutine that cancels a ctx. And only where that work wants to know it: because it logs,
// starts a span, reads a Storage or calls with an empty ctx, as far as its code is in the same module.
// What cannot be known is not reported: a check that is wrong is switched off, and then finds nothing.
//
// Code runs in requests if it is a handler of net/http, Echo or Gin, is called by one of the same
// package, or takes a ctx and does not start or stop a part of the program by its name.
//
// With [Config.Findings], a report of package doctor, there is no guessing: what was seen is a
// finding, and nothing else.
//
// # Directives
//
// A comment //asynclocal:ignore with a reason, on the line of a finding or on the line above it, takes
// the finding away. Generated code and tests have no findings, unless a report names them.
//
// # Fixes
//
// A finding has a suggested fix where that changes nothing but the context. There is none where the
// module does not require github.com/asynclocal/asynclocal yet: it would not compile.
//
// # Concurrency
//
// The analyzers of several calls of [Analyzers] are independent of each other; those of one call share
// their Config.
package vet
