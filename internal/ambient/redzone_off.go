// SPDX-License-Identifier: Apache-2.0

//go:build !asan

package ambient

const redzone = 0
