// SPDX-License-Identifier: Apache-2.0

package frame

import (
	"sync/atomic"

	"github.com/asynclocal/asynclocal/internal/ambient"
)

// Span is a span for this package and for logging, which do not know OTel.
type Span struct {
	Source
	// Request is the request that the span was entered in. It is nil outside requests. It is also nil
	// for what remains of a span that belongs to the request that it was entered in.
	Request *Request
	hex     atomic.Pointer[Hex]
}

// Handle is a Span that ends, for the code that can end it.
type Handle struct {
	Span
	// A context leads to its span, and must not lead to a frame once the span is over: the frame
	// leads to what was ambient, and that leads to earlier contexts.
	record atomic.Pointer[ActiveSpan] // nil: the span is over
	inner  atomic.Pointer[ActiveSpan] // its record in a request that was run in it; nil: none
	// Where record was when the span ended, for readers that come later.
	tree        *Tree
	seq, parent uint32

	left atomic.Pointer[Span] // what remains of the span; nil: not asked for yet
}

// span returns the Span of s, or nil if s is nil.
func (s *Handle) span() *Span {
	if s == nil {
		return nil
	}
	return &s.Span
}

// record is Handle.Record for any span.
func (s *Span) record() *ActiveSpan {
	if s.Ends() {
		return ambient.Cast[Handle](s).Record()
	}
	return over(s, nil, 0, 0)
}

// Record returns the record by which s is known as the active span.
func (s *Handle) Record() *ActiveSpan {
	if a := s.record.Load(); a != nil {
		return a
	}
	return over(&s.Span, s.tree, s.seq, s.parent)
}

// over returns a record of s that ended as number seq of tree.
func over(s *Span, tree *Tree, seq, parent uint32) *ActiveSpan {
	a := &ActiveSpan{seq: seq, parent: parent, inRequest: s.Request != nil}
	a.note(ended)
	a.span.Store(s)
	a.tree.Store(tree)
	return a
}

// Source is what tracing knows of a span. It is an interface, and has a method for the ids, because
// every span would pay for a func, or for ids that are copied at its start.
type Source interface {
	// Value answers a context's Value for the span's own keys. It returns nil for other keys.
	Value(key any) any
	IDs() (trace [16]byte, span [8]byte, flags byte)
	// Label returns the value of the profiler label that LabelSpans asks for.
	Label() string
	// Ends reports whether the span says when it is over. Then it is in a Handle.
	Ends() bool
	// Of reports whether the span was started for r, and whether, as far as is known, it may have
	// been: it was started in this process, and for no other request.
	Of(r *Request) (is, may bool)
	// Rest returns what a child needs of a span that is over, for the given request. It keeps
	// nothing heavy.
	Rest(*Request) *Span
}

// Remains is what a child needs of a span that is over. Source makes it. The type is in this package
// so that the Remains of a request's span is in one allocation with the request.
type Remains struct {
	Span
	Trace [16]byte
	ID    [8]byte
	Flags byte
	First bool      // it is the first span of its trace in this process
	more  *struct{} // what else Source knows: an interface is twice as long, and each request has this
}

// SetMore stores more, what else the Source of m knows. In a process T is always the same type.
func SetMore[T any](m *Remains, more *T) { m.more = ambient.Cast[struct{}](more) }

// More returns what SetMore has set.
func More[T any](m *Remains) *T { return ambient.Cast[T](m.more) }

// Hex holds the ids in lower-case hexadecimal. It is made once for all lines of a span, and for its
// Server-Timing. The methods return parts of it, so they do not allocate.
type Hex struct{ text [len(timing) + 52]byte }

const timing = "trace;desc=00-"

// TraceID is 32 digits.
func (h *Hex) TraceID() string { return ambient.String(h.text[len(timing):][:32]) }

// SpanID is 16 digits.
func (h *Hex) SpanID() string { return ambient.String(h.text[len(timing)+33:][:16]) }

// Flags is 2 digits.
func (h *Hex) Flags() string { return ambient.String(h.text[len(timing)+50:][:2]) }

// Timing is "trace;desc=00-…-…-01".
func (h *Hex) Timing() string { return ambient.String(h.text[:]) }

// Hex returns s's ids as text.
func (s *Span) Hex() *Hex {
	if h := s.hex.Load(); h != nil {
		return h
	}
	h := NewHex(s.IDs())
	s.hex.Store(h)
	return h
}

// rest returns what remains of s.
func (s *Handle) rest() *Span {
	if r := s.left.Load(); r != nil {
		return r
	}
	r := s.Rest(s.Request)
	if r != &s.Span {
		r.hex.Store(s.hex.Load())
	}
	s.left.CompareAndSwap(nil, r)
	return s.left.Load()
}

// rest returns what remains of s, which may be s itself.
func (s *Span) rest() *Span {
	if !s.Ends() {
		return s
	}
	return ambient.Cast[Handle](s).rest()
}

// NewHex returns the text of a span's ids.
func NewHex(trace [16]byte, span [8]byte, flags byte) *Hex {
	h := new(Hex)
	b := h.text[copy(h.text[:], timing):]
	encode(b[:32], trace[:])
	encode(b[33:49], span[:])
	encode(b[50:], []byte{flags})
	b[32], b[49] = '-', '-'
	return h
}

func encode(dst, src []byte) {
	const digits = "0123456789abcdef"
	for i, b := range src {
		dst[2*i], dst[2*i+1] = digits[b>>4], digits[b&15]
	}
}
