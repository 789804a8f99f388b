// SPDX-License-Identifier: Apache-2.0

//go:build asan

package ambient

// redzone is what the runtime adds to an allocation of about this size for the address sanitizer.
const redzone = 64
