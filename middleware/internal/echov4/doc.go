// SPDX-License-Identifier: Apache-2.0

// Package echov4 is the middleware for Echo v4 that packages middleware and otelecho export.
package echov4
