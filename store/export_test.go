// SPDX-License-Identifier: Apache-2.0

package store

// RequireError is what Require returns where a way does not work.
var RequireError = requireError
