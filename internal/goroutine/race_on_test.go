// SPDX-License-Identifier: Apache-2.0

//go:build race

package goroutine_test

const raceDetector = true
