// SPDX-License-Identifier: Apache-2.0

// Package profilerstest tests what tracers and profilers that label goroutines themselves leave of
// a request. It is a module of its own, so that no one inherits its dependencies.
package profilerstest
