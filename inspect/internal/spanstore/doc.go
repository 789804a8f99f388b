// SPDX-License-Identifier: Apache-2.0

// Package spanstore holds telemetry in memory, bounded by bytes and by age, and finds it by
// request. A [Store] evicts whole requests, the longest silent first: a trace and the traces that
// link back to it. Its cost grows linearly with the amount of data, whatever the data is.
//
// A Store is safe for concurrent use.
package spanstore
