// SPDX-License-Identifier: Apache-2.0

// Package echov4_test measures a request through Echo v4, side by side: bare, with
// the least that records the same (the floor), with package middleware, with the
// retired instrumentation alone, and with what is put together today: Echo's
// RequestID, the retired instrumentation, a request log and a logger for each
// request. There is no network; the lines and spans are made and dropped.
//
//	go test -run '^$' -bench . -count 10 -cpu 1 ./echov4
package echov4_test
