// SPDX-License-Identifier: Apache-2.0

//go:build race

package main_test

// raceFlags has the process under test checked as the test itself is.
var raceFlags = []string{"-race"}
