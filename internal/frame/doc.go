// SPDX-License-Identifier: Apache-2.0

// Package frame holds what a goroutine carries, and ends it. store gives this machinery a typed API.
// tracing and logging read it directly, because they are on the path of every span and every line.
//
// A [Frame] is in the goroutine's slot (internal/ambient). It leads, through a [Cell], to what is
// set (internal/bindings) and to the ambient context. It also has a [Lifetime] (internal/expiry)
// and the active span. It does not lead to a [Request] for longer than the linger: the Lifetime is
// a separate allocation, or part of the frame's.
//
// # What leads to what, and until when
//
//	from             to                                      how, until when
//	---------------  --------------------------------------  ------------------------------------
//	a goroutine,     the frame, its cell, its lifetime       strong, for as long as it lives
//	a CPU profile    the values in the cell                  strong, until the linger is over
//	                 the context in the cell                 strong, until the lifetime's end
//	                 the record of the active span           strong, for as long as it lives
//	a [Lifetime],    the [Request], by a [Tree]              strong, until the linger is over, and a
//	a record                                                 late read is told of; then weak
//	a record         the span                                strong, until that ends
//	                 what was in the slot before             strong, until the span ends
//	                 the spans above it, and what remains    a number in [Spans]
//	                 of itself, [Source].Rest
//	a span, a ctx    the record                              strong, until the span ends
//	a [Context]      what is set                             strong, a copy that leads to values only
//	                 a [Context] below it                    never: it takes that one's place
//	a [Snapshot]     values, context, record                 strong, for as long as it lives
//	a [Request]      its lifetime                            strong
//	                 its own span, then what remains of it   strong, until the end, then for good
//	                 cells of nested frames                  weak
//	bound work       the request                             strong, until its own linger is over
//	[Spans]          records of live spans                   strong, until they end
//	                 what remains of the outermost, and of   strong; past 64 in the record itself
//	                 what was captured
//	                 records of other requests' spans        strong, until the request's end, or
//	                                                         its linger's while they are live
//
// Three rules follow, and package internal/coretest holds them:
//
//   - What ends is cut. A goroutine that continues, which cannot be told from a profile, finds what
//     its request has set until the linger is over, and its context never again.
//   - Nothing leads to what was before it: not a span to the span above, not a context to a context,
//     not bound work to the work that bound it. Otherwise work that always hands its context on would
//     make an endless chain.
//   - A request leads to no other, not even until the next collection.
//
// # Why a cell
//
// A goroutine that merely inherited a frame may live forever, and nothing can take the frame out of
// its slot. When its lifetime expires, the cell is emptied, and the values can be collected
// although goroutines still have the frame. A snapshot holds the values themselves, so bound values
// are not touched.
//
// # pprof
//
// A [Context] answers for profiler labels, so that pprof.Do with a ctx of ours keeps what is
// ambient. If it belongs to another request than the goroutine, it is a visitor: labels.go gives
// the goroutine its own context back.
//
// # Concurrency
//
// What is set is immutable. Everything else is safe for concurrent use.
package frame
