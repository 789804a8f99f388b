// SPDX-License-Identifier: Apache-2.0

package ambient

import (
	"slices"
	"sync/atomic"
	"unsafe"
)

// Slot is the content of a goroutine's slot: a frame, a set of the user's own labels, both merged,
// or (the zero value) nothing.
type Slot struct{ p unsafe.Pointer }

// Empty reports whether s is empty.
func (s Slot) Empty() bool { return s.p == nil }

// Get returns the calling goroutine's slot, to be put back by Set. It also works with the ambient
// half off, but then has only the user's labels.
func Get() Slot { return Slot{getLabel()} }

// Set replaces the calling goroutine's slot. Goroutines that it starts from now on begin with s.
func Set(s Slot) {
	if on {
		setLabel(s.p)
	}
}

// Slot returns the content that makes f the current frame.
func (f *Frame[P]) Slot() Slot { return Slot{unsafe.Pointer(f)} }

// Current returns the calling goroutine's frame, or nil.
func Current[P any]() *Frame[P] { return Of[P](Get()) }

// Is reports whether s is f itself, rather than f among labels of the user's.
func (f *Frame[P]) Is(s Slot) bool { return s.p == unsafe.Pointer(f) }

// Without returns s without our labels: only the user's, or the empty Slot.
func Without(s Slot) Slot {
	if s.p == nil || IsFrame(s) {
		return Slot{}
	}
	if u := user(s); u.p != nil {
		return u
	}
	rest := foreign((*labelSet)(s.p))
	if len(rest) == 0 {
		return Slot{}
	}
	return Slot{unsafe.Pointer(&labelSet{rest})}
}

// WithoutLabel returns s, a set of the user's labels, without the one under key.
func WithoutLabel(s Slot, key string) Slot {
	set := (*labelSet)(s.p)
	if set == nil {
		return s
	}
	rest := slices.DeleteFunc(slices.Clone(set.list), func(l label) bool { return l.key == key })
	if len(rest) == 0 {
		return Slot{}
	}
	return Slot{unsafe.Pointer(&labelSet{rest})}
}

// AtomicSlot is a Slot that goroutines share.
type AtomicSlot struct{ p unsafe.Pointer }

// Load returns the Slot that Store stored, or the empty Slot before.
func (a *AtomicSlot) Load() Slot { return Slot{atomic.LoadPointer(&a.p)} }

// Store stores s.
func (a *AtomicSlot) Store(s Slot) { atomic.StorePointer(&a.p, s.p) }

// Cast returns p as a pointer to To. The caller must know that p is the first field of a To, by
// comparing the key that was stored with the value.
func Cast[To, From any](p *From) *To { return (*To)(unsafe.Pointer(p)) }

// String returns b as a string that shares its bytes, which must not change any more.
func String(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
