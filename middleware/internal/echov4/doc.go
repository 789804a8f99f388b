// SPDX-License-Identifier: Apache-2.0

// Package echov4 is the middleware for Echo v4, as packages middleware and otelecho
// offer it.
package echov4
