// SPDX-License-Identifier: Apache-2.0

// Package profilerstest tests how much of a request survives tracers and profilers that label
// goroutines themselves. It is a separate module, so that no one inherits its dependencies.
package profilerstest
