// SPDX-License-Identifier: Apache-2.0

package ambient

import (
	"slices"
	"unsafe"
)

// Frame is what a goroutine's slot points to: a label set, the proof that it is a frame, and the
// payload. A zero Frame is unusable: call Init first. It must be on the heap, at the start of an
// allocation of at most [MaxSize] bytes.
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

// Room is space for a frame's labels and some of the user's, in the frame's allocation. Under a
// profiler or gRPC most goroutines have labels of the user's, and a separate list would be an
// allocation for each frame.
type Room struct {
	user   Slot // only the user's labels, if the frame was made over those; else empty
	labels [roomSize]label
}

// roomSize is how many labels a Room has space for. It also marks a list in a Room: no other list
// of a frame has that capacity.
const roomSize = 6

func newList(size int) []label {
	if size == roomSize {
		size++
	}
	return make([]label, 0, size)
}

// Crowded reports whether a frame over under has labels beside its own: then Reserve makes room for
// them. On 32 bits it is always false: allocations of more than 128 bytes are not aligned there,
// and a frame would not be found by its label.
func Crowded(under Slot) bool { return hasRoom && under.p != nil && on && !IsFrame(under) }

const hasRoom = unsafe.Sizeof(uintptr(0)) == 8

// Reserve gives f, which must be zero and in the allocation of r, room for labels.
func (f *Frame[P]) Reserve(r *Room) { f.set.list = r.labels[:0] }

// room returns the Room that h has its labels in, or nil.
func (h *head) room() *Room {
	if cap(h.set.list) != roomSize {
		return nil
	}
	labels := unsafe.Pointer(unsafe.SliceData(h.set.list))
	return (*Room)(unsafe.Add(labels, -int(unsafe.Offsetof(Room{}.labels))))
}

// Init makes f a label set whose label has the value name, beside the user's labels that under
// holds. id, if not empty, becomes a second label. An empty name reads "-"; [Label] cuts one that
// is too long for a profile.
func (f *Frame[P]) Init(name, id string, under Slot) {
	if name == "" {
		name = noName
	}
	f.own[0] = label{f.proof.init(), name}
	free := f.set.list
	f.set.list = f.own[:]
	if under.p == nil && id == "" || IsFrame(under) && id == "" {
		return
	}
	var users []label
	if under.p != nil && on {
		users = (*labelSet)(under.p).list
	}
	list := merge(free, f.own[0], id, users)
	if len(list) == 1 {
		return
	}
	f.set.list = list
	if r := f.room(); r != nil {
		r.user = user(under)
	}
}

// merge appends to list, which may have room for them, the labels own, id if it is not empty, and
// those of users that are not ours.
func merge(list []label, own label, id string, users []label) []label {
	if list == nil {
		list = newList(len(users) + 2)
	}
	placed := false
	for i := range users {
		l := &users[i]
		if !placed && l.key >= Key {
			list, placed = place(list, own, id), true
		}
		if !isFrameLabel(l) && l.key != Key && (id == "" || l.key != IDKey) {
			list = append(list, *l)
		}
	}
	if !placed {
		list = place(list, own, id)
	}
	return list
}

func place(list []label, own label, id string) []label {
	list = append(list, own)
	if id != "" {
		list = append(list, label{unsafe.String(&idKeyBytes[0], len(idKeyBytes)), id})
	}
	return list
}

// user returns the set of the user's labels that under is, or was made over; the empty Slot if that
// is not known.
func user(under Slot) Slot {
	set := (*labelSet)(under.p)
	if set == nil || !on {
		return Slot{}
	}
	ours := slices.IndexFunc(set.list, func(l label) bool { return isFrameLabel(&l) })
	if ours < 0 {
		return under
	}
	if h := (*head)(search(set)); h != nil && unsafe.Pointer(h) == under.p {
		if r := h.room(); r != nil {
			return r.user
		}
	}
	return Slot{}
}

// SetLabel sets a label beside f's own, as if the user had; an empty value unsets it. f must not be
// in a slot yet.
func (f *Frame[P]) SetLabel(key, value string) {
	list := newList(len(f.set.list) + 1)
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

// IsFrame reports whether s is a frame itself, without labels of the user's. IsFrame and Direct
// inline into the fast paths.
func IsFrame(s Slot) bool {
	// A set of the runtime's cannot pass: its list is a separate allocation, and no allocation that
	// holds labels starts so closely behind one that small. The second comparison then reads part
	// of the list, and no other list looks like this. The uintptr satisfies checkptr if p is not a
	// frame.
	return s.p != nil &&
		uintptr(unsafe.Pointer(unsafe.SliceData((*labelSet)(s.p).list))) == uintptr(s.p)+ownOffset &&
		uintptr(unsafe.Pointer(unsafe.StringData((*label)(unsafe.Add(s.p, ownOffset)).key))) == uintptr(s.p)+keyOffset
}

// Direct returns the frame that s is. It must not be called before IsFrame has returned true: just
// having the pointer fails under checkptr, and so under -race.
func Direct[P any](s Slot) *Frame[P] { return (*Frame[P])(s.p) }

// Of returns the frame that s is or, among labels of the user's, holds; nil if it holds no frame. P
// must be the same type in the whole process.
func Of[P any](s Slot) *Frame[P] {
	if IsFrame(s) {
		return Direct[P](s)
	}
	return Among[P](s)
}

// Among is Of for an s that is not a frame itself.
func Among[P any](s Slot) *Frame[P] {
	if s.p == nil || !on {
		return nil
	}
	return (*Frame[P])(search((*labelSet)(s.p)))
}

// Roomed returns the frame that s is with labels of the user's in its Room, or nil. It is then
// equal to Of, without looking at the labels.
func Roomed[P any](s Slot) *Frame[P] {
	if s.p != nil && uintptr(unsafe.Pointer(unsafe.SliceData((*labelSet)(s.p).list)))-uintptr(s.p)-keyOffset-16 < MaxSize && roomed(s.p) {
		return (*Frame[P])(s.p)
	}
	return nil
}

// search returns the frame whose label is in set, or nil.
func search(set *labelSet) unsafe.Pointer {
	for i := range set.list {
		if h := proven(&set.list[i]); h != nil {
			return unsafe.Pointer(h)
		}
	}
	return nil
}
