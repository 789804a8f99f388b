// SPDX-License-Identifier: Apache-2.0

//go:build !race

package store_test

const raceEnabled = false
