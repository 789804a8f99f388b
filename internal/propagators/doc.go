// SPDX-License-Identifier: Apache-2.0

// Package propagators decides how the requests of a process carry a trace where their
// middleware and their client are not told.
package propagators
