// SPDX-License-Identifier: Apache-2.0

//go:build race || asan

package blackbox_test

const raceDetector = true
