// SPDX-License-Identifier: Apache-2.0

//go:build race

package attacktest_test

const race = true
