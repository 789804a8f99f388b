// SPDX-License-Identifier: Apache-2.0

// Package telemetry is the inspector's model of what applications send: spans and log records, each with
// what finding and ordering it takes and its encoded form, from which the rest is read when it is looked
// at.
package telemetry
