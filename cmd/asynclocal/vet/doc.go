// SPDX-License-Identifier: Apache-2.0

// Package vet has the checks of asynclocal vet: analyzers that find the places of a program where
// the context of a request gets lost.
//
//	multichecker.Main(vet.Analyzers(nil)...)
//
// # What is a finding
//
// A finding is a place that runs in requests and hands work to something that does not know the
// request: a timer, a pool's worker, the goroutine that cancels a ctx. It is reported only if that
// work needs the request, because it logs, starts a span, reads a Storage or calls with an empty
// ctx, as far as its code is in the same module. Uncertain places are not reported: a check that is
// often wrong gets switched off, and then finds nothing.
//
// Code runs in requests if it is a handler of net/http, Echo or Gin, if a handler of the same
// package calls it, or if it takes a ctx and its name does not say that it starts or stops a part
// of the program.
//
// With [Config.Findings], a report of package doctor, nothing is guessed: the findings are exactly
// what was seen.
//
// # Directives
//
// A comment //asynclocal:ignore with a reason, on the line of a finding or on the line above it,
// suppresses the finding. Generated code and tests have no findings, unless a report names them.
//
// # Fixes
//
// A finding has a suggested fix if that changes nothing but the context. It has no fix if the
// module does not require github.com/asynclocal/asynclocal yet: the result would not compile.
//
// # Concurrency
//
// The analyzers of different calls of [Analyzers] are independent of each other; those of one call
// share their Config.
package vet
