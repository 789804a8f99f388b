// SPDX-License-Identifier: Apache-2.0

// Package billing sums what a request does, while it runs: package tracing tells it of spans,
// package store of bound work, and middleware and jobs put the sums on the completion
// line and the request's own span. What of it programs use is package bill.
//
// # Concurrency
//
// A Bill and its operations are safe for concurrent use.
package billing
