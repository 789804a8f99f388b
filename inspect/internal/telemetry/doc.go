// SPDX-License-Identifier: Apache-2.0

// Package telemetry is the inspector's model of what applications send: spans and log records. Each
// has what is needed to find and order it, and its encoded form, from which the rest is read when
// it is shown.
package telemetry
