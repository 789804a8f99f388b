// SPDX-License-Identifier: Apache-2.0

//go:build asan

package ambient

// redzone is what the address sanitizer has the runtime add to an allocation of about this size.
const redzone = 64
