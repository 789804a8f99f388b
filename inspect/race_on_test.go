// SPDX-License-Identifier: Apache-2.0

//go:build race

package inspect_test

const race = true
