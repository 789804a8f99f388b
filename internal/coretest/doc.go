// SPDX-License-Identifier: Apache-2.0

// Package coretest holds the tests of what store, tracing, logging, jobs and the
// middleware must keep together, and none of them can show alone: how long a request
// is held, by what, and that nothing grows with the number of times that a context
// is handed on. It has tests only, which use the public API only.
//
// By hand, for longer than a test may take:
//
//	go test ./store -run RandomPrograms -timeout 0 -model.checks 50000000
//	go test ./internal/coretest -run Chaos -timeout 0 -chaos.requests 1000000
//	go test ./internal/coretest -run CPUProfileKeeps -v -profile.for 1m
//	go test ./internal/coretest -run - -bench Scale -benchtime 1x
package coretest
