// SPDX-License-Identifier: Apache-2.0

// Package thirdpartytest holds tests of package tracing with the instrumentation of
// others: they are given the wrapped TracerProvider, and nothing else, and the code
// between them drops ctx. It is a module of its own so that none of what it needs is
// needed by anyone else.
package thirdpartytest
