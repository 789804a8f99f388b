// SPDX-License-Identifier: Apache-2.0

// Package frame is what a goroutine carries and how it ends: the machinery that
// store gives a typed face, and that tracing and logging read directly because
// they are on every span's and every line's path.
//
// A [Frame] sits in the goroutine's slot (internal/ambient). It leads, through a
// [Cell], to immutable [Values]: every Storage that is set, the request's [Scope]
// and the ambient context. Beside them it has the active span.
//
// # Why a cell
//
// A goroutine that merely inherited a frame may live for ever, and nothing can
// take the frame out of its slot. When its scope expires, the cell is emptied,
// and the values are collectable whoever still has the frame. A snapshot holds
// the Values themselves, so what was bound is not touched.
//
// # Concurrency
//
// Values are immutable. Cells and Scopes are safe for concurrent use.
package frame
