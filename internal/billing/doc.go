// SPDX-License-Identifier: Apache-2.0

// Package billing sums what a request does while it runs. Package tracing reports spans to it, and
// package store reports bound work. The middleware and package jobs put the sums on the completion
// line and on the request's own span. Programs use package bill.
//
// # Concurrency
//
// A Bill and its operations are safe for concurrent use.
package billing
