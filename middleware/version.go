// SPDX-License-Identifier: Apache-2.0

package middleware

// Version is the version of the instrumentation scope.
const Version = "0.1.0"
