// SPDX-License-Identifier: Apache-2.0

// Package coretest holds the tests of what store, tracing, logging, jobs and the
// middleware must keep together, and none of them can show alone: how long a request
// is held, by what, and that nothing grows with the number of times that a context
// is handed on. It has tests only, which use the public API only.
package coretest
