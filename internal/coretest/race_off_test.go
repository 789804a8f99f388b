// SPDX-License-Identifier: Apache-2.0

//go:build !race

package coretest_test

const raceEnabled = false
