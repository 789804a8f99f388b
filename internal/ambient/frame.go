// SPDX-License-Identifier: Apache-2.0

package ambient

import (
	"unicode/utf8"
	"unsafe"
)

// nameSize bounds the label's value: it is copied into every frame.
const nameSize = 64

// ShortName is how long a name fits into a Short.
const ShortName = 24

const noName = "-"

// Frame is what a goroutine's slot points to: a label set, the payload, and behind
// it, in the same allocation, the bytes of its name: it is part of a Named or a Short.
// A zero one is unusable: call Init first. It must be on the heap.
type Frame[P any] struct {
	set     labelSet // first: the runtime reads the frame as a label set
	own     [1]label // set.list, unless the goroutine has labels of the user's
	Payload P
}

// Named is a Frame with room for any name.
type Named[P any] struct {
	Frame[P]
	name [nameSize]byte
}

// Space returns the room for the name, as Init wants it.
func (n *Named[P]) Space() []byte { return n.name[:] }

// Short is a Frame with room for a short name, for those that are made with every span.
type Short[P any] struct {
	Frame[P]
	name [ShortName]byte
}

// Space returns the room for the name, as Init wants it.
func (n *Short[P]) Space() []byte { return n.name[:] }

// Init makes f a label set whose label says name, beside the user's labels that
// under holds. space is the Space of what f is part of. id, if not empty, becomes a
// second label. An empty name reads "-"; one longer than space is cut.
func (f *Frame[P]) Init(space []byte, name, id string, under Slot) {
	f.own[0] = label{ours(), keep(space, name)}
	rest := foreign((*labelSet)(under.p))
	if len(rest) == 0 && id == "" {
		f.set.list = f.own[:]
		return
	}
	f.set.list = merge(f.own[0], id, rest)
}

// keep copies name into space and returns the copy: the value of our label has to
// lie behind the frame, for it is how the frame is found.
func keep(space []byte, name string) string {
	if name == "" {
		name = noName
	}
	n := copy(space, name)
	if len(name) > len(space) {
		const ellipsis = "…"
		n = len(space) - len(ellipsis)
		for n > 0 && !utf8.RuneStart(name[n]) {
			n--
		}
		n += copy(space[n:], ellipsis)
	}
	return unsafe.String(&space[0], n)
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
	for _, l := range f.set.list {
		if value != "" && l.key >= key {
			list = append(list, label{key, value})
			value = ""
		}
		if l.key != key || l.isOurs() {
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

// Label returns the value of f's label, for as long as f is reachable.
func (f *Frame[P]) Label() string { return f.own[0].value }

// IsFrame reports whether s is a frame itself, and not one merged with labels of
// the user's. It and Direct inline into the fast paths.
func IsFrame(s Slot) bool {
	// A set of somebody else's cannot pass: its list is an allocation of its own,
	// and no allocation that holds labels starts so close behind one that small.
	// The uintptr keeps checkptr content where p is not a frame.
	return s.p != nil &&
		uintptr(unsafe.Pointer(unsafe.SliceData((*labelSet)(s.p).list))) == uintptr(s.p)+unsafe.Sizeof(labelSet{}) &&
		(*label)(unsafe.Add(s.p, unsafe.Sizeof(labelSet{}))).isOurs()
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
	return search[P]((*labelSet)(s.p))
}

//go:noinline
func search[P any](set *labelSet) *Frame[P] {
	for i := range set.list {
		if l := &set.list[i]; l.isOurs() {
			bytes := unsafe.Pointer(unsafe.StringData(l.value))
			return (*Frame[P])(unsafe.Add(bytes, -int(unsafe.Sizeof(Frame[P]{}))))
		}
	}
	return nil
}
