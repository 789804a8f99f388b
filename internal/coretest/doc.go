// SPDX-License-Identifier: Apache-2.0

// Package coretest tests the guarantees that store, tracing, logging, jobs and the middleware give
// together: how long a request is held, and by what, and that nothing grows with the number of
// times that a context is handed on. It has only tests, which use only the public API.
//
// To run by hand, for longer than a test may take:
//
//	go test ./store -run RandomPrograms -timeout 0 -model.checks 50000000
//	go test ./internal/coretest -run Chaos -timeout 0 -chaos.requests 1000000
//	go test ./internal/coretest -run CPUProfileKeeps -v -profile.for 1m
//	go test ./internal/coretest -run - -bench Scale -benchtime 1x
package coretest
