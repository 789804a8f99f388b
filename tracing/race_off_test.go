// SPDX-License-Identifier: Apache-2.0

//go:build !race

package tracing_test

const raceDetector = false
