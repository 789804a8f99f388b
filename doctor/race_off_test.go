// SPDX-License-Identifier: Apache-2.0

//go:build !race

package doctor_test

const raceEnabled = false
