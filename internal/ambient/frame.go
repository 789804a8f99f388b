// SPDX-License-Identifier: Apache-2.0

package ambient

import "unsafe"

// Frame is what a goroutine's slot points to: a label set, the proof that it is a
// frame, and the payload. A zero one is unusable: call Init first. It must be on the
// heap, at the start of an allocation of at most [MaxSize] bytes.
type Frame[P any] struct {
	head
	Payload P
}

// head is the part that the runtime and the search know.
type head struct {
	set   labelSet // first: the runtime reads the frame as a label set
	own   [1]label // set.list, unless the goroutine has labels of the user's
	_     [padding]byte
	proof proof
}

// Init makes f a label set whose label says name, beside the user's labels that
// under holds. id, if not empty, becomes a second label. An empty name reads "-";
// [Label] cuts one that is too long for a profile.
func (f *Frame[P]) Init(name, id string, under Slot) {
	if name == "" {
		name = noName
	}
	f.own[0] = label{f.proof.init(), name}
	f.set.list = f.own[:]
	if under.p == nil && id == "" {
		return
	}
	if rest := foreign((*labelSet)(under.p)); len(rest) > 0 || id != "" {
		f.set.list = merge(f.own[0], id, rest)
	}
}

func merge(own label, id string, rest []label) []label {
	list := make([]label, 0, len(rest)+2)
	at := position(rest)
	list = append(list, rest[:at]...)
	list = append(list, own)
	if id != "" {
		list = append(list, label{unsafe.String(&idKeyBytes[0], len(idKeyBytes)), id})
	}
	for _, l := range rest[at:] {
		if l.key != Key && (id == "" || l.key != IDKey) {
			list = append(list, l)
		}
	}
	return list
}

// SetLabel sets a label beside f's own, as if the user had; an empty value unsets
// it. f is in no slot yet.
func (f *Frame[P]) SetLabel(key, value string) {
	list := make([]label, 0, len(f.set.list)+1)
	own := unsafe.StringData(f.own[0].key)
	for _, l := range f.set.list {
		if value != "" && l.key >= key {
			list = append(list, label{key, value})
			value = ""
		}
		if l.key != key || unsafe.StringData(l.key) == own {
			list = append(list, l)
		}
	}
	if value != "" {
		list = append(list, label{key, value})
	}
	if len(list) != len(f.set.list) || len(list) > 1 {
		f.set.list = list
	}
}

// Label returns the value of f's label.
func (f *Frame[P]) Label() string { return f.own[0].value }

// IsFrame reports whether s is a frame itself, without labels of the user's. It and
// Direct inline into the fast paths.
func IsFrame(s Slot) bool {
	// A set of the runtime's cannot pass: its list is an allocation of its own, and no
	// allocation that holds labels starts so close behind one that small. What is
	// compared second is then part of the list, and in no other list looks like this.
	// The uintptr keeps checkptr content where p is not a frame.
	return s.p != nil &&
		uintptr(unsafe.Pointer(unsafe.SliceData((*labelSet)(s.p).list))) == uintptr(s.p)+ownOffset &&
		uintptr(unsafe.Pointer(unsafe.StringData((*label)(unsafe.Add(s.p, ownOffset)).key))) == uintptr(s.p)+keyOffset
}

// Direct returns the frame that s is. It must not be called before IsFrame has said
// so: to have the pointer is already too much for checkptr, and for -race with it.
func Direct[P any](s Slot) *Frame[P] { return (*Frame[P])(s.p) }

// Of returns the frame that s is or, among labels of the user's, holds; nil if it
// holds none. P must be the same type in the whole process.
func Of[P any](s Slot) *Frame[P] {
	if IsFrame(s) {
		return Direct[P](s)
	}
	if s.p == nil || !on {
		return nil
	}
	return (*Frame[P])(search((*labelSet)(s.p)))
}

//go:noinline
func search(set *labelSet) unsafe.Pointer {
	for i := range set.list {
		if h := proven(&set.list[i]); h != nil {
			return unsafe.Pointer(h)
		}
	}
	return nil
}
