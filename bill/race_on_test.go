// SPDX-License-Identifier: Apache-2.0

//go:build race || asan

package bill_test

const raceDetector = true
