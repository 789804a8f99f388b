// SPDX-License-Identifier: Apache-2.0

// Package attacktest attacks an inspector that runs in a separate process, and checks that it stays
// within its bounds and serves others meanwhile.
package attacktest
