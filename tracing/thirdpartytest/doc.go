// SPDX-License-Identifier: Apache-2.0

// Package thirdpartytest tests package tracing with third-party instrumentation: it is given the
// wrapped TracerProvider and nothing else, and the code in between drops ctx. It is a separate
// module so that no one inherits its dependencies.
package thirdpartytest
