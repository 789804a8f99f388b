// SPDX-License-Identifier: Apache-2.0

package logging

import (
	"sync/atomic"

	"go.opentelemetry.io/otel/trace"

	"github.com/asynclocal/asynclocal/internal/frame"
)

// cacheSize is how many spans a cache holds at once. The next line of an evicted span costs some
// allocations, nothing else.
const cacheSize = 256

// renderCache keeps the rendered ids of the spans that log, because a span's lines come close
// together.
type renderCache [cacheSize]atomic.Pointer[ids]

func (c *renderCache) get(h *frame.Hex, render func(*frame.Hex) *ids) *ids {
	slot := &c[nibble(h.SpanID()[14])<<4|nibble(h.SpanID()[15])]
	if i := slot.Load(); i != nil && i.of == h {
		return i
	}
	i := render(h)
	slot.Store(i)
	return i
}

func nibble(digit byte) byte {
	if digit <= '9' {
		return (digit - '0') & 15
	}
	return (digit - 'a' + 10) & 15
}

// foreign caches the text of the ids of spans that tracing did not start. Without it, the text
// would be made for each line. Spans of tracing cache the text themselves.
var foreign [cacheSize]atomic.Pointer[foreignSpan]

type foreignSpan struct {
	trace trace.TraceID
	span  trace.SpanID
	flags trace.TraceFlags
	hex   *frame.Hex
}

// hexOf returns the text of sc's ids, or nil if sc is not valid.
func hexOf(sc trace.SpanContext) *frame.Hex {
	if !sc.IsValid() {
		return nil
	}
	t, s, f := sc.TraceID(), sc.SpanID(), sc.TraceFlags()
	slot := &foreign[s[7]]
	if e := slot.Load(); e != nil && e.span == s && e.trace == t && e.flags == f {
		return e.hex
	}
	h := frame.NewHex(t, s, byte(f))
	slot.Store(&foreignSpan{t, s, f, h})
	return h
}
