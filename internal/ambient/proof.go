// SPDX-License-Identifier: Apache-2.0

package ambient

import (
	"math/rand/v2"
	"unicode/utf8"
	"unsafe"
)

// proof holds the bytes of a frame's key, between two words that mark them.
//
// A label reaches us as two strings, and users may make labels of any strings: of parts of ours, of
// copies, of strings they kept. So nothing is computed from the address of a label's key before the
// words around it are compared. Reading them is safe: an address that is a multiple of 16 and the 8
// bytes behind its string are on one page, and so are any other multiple of 8 and the 8 bytes
// before it. The words are a secret of the process, mixed with the address, so bytes that happen to
// be there, or that were copied from a frame, do not match. Neither do remains of a frame in memory
// that became a user's: a string that begins or ends at that address lies over one of the words, or
// is so short that the runtime clears the 16 bytes it is put in.
type proof struct {
	before uint64
	key    [8]byte // Key, and a byte to spare
	after  uint64
}

const (
	ownOffset = unsafe.Sizeof(labelSet{})
	// padding moves the key to a multiple of 16: the runtime aligns allocations up to MaxSize so,
	// and not more.
	padding   = (8 + 16 - (ownOffset+unsafe.Sizeof(label{}))%16) % 16
	keyOffset = unsafe.Offsetof(head{}.proof) + unsafe.Offsetof(proof{}.key)
)

// On an architecture where the key is not aligned this does not compile: no frame would be found
// among labels of the user's.
var _ = [1]struct{}{}[keyOffset%16]

// alignment is what the addresses of keys are a multiple of. On 32 bits the runtime puts a word of
// 8 bytes before allocations of more than 128.
const alignment = 8 + 8*(unsafe.Sizeof(uintptr(0))/8)

// MaxSize bounds the allocation of a frame: the runtime puts a word before larger ones, which
// breaks their alignment.
const MaxSize = 512 - redzone

// Fits reports whether a T and other bytes, including the frame's, may be one allocation.
func Fits[T any](other uintptr) bool {
	var t T
	return unsafe.Sizeof(t)+other <= MaxSize
}

// FitsRoom is Fits with an additional Room.
func FitsRoom[T any](other uintptr) bool { return Fits[T](other + unsafe.Sizeof(Room{})) }

var secret = rand.Uint64()

func (p *proof) init() (key string) {
	at := uint64(uintptr(unsafe.Pointer(&p.key)))
	copy(p.key[:], Key)
	p.before, p.after = ^secret^at, secret^at
	return unsafe.String(&p.key[0], len(Key))
}

// proven returns the frame that made l, or nil if l is the user's, even if it has a key of ours:
// with another value it is a different label.
//
// It reads bytes that need not be part of any string, so the race detector and checkptr must not
// see it.
//
//go:norace
//go:nocheckptr
func proven(l *label) *head {
	key := unsafe.Pointer(unsafe.StringData(l.key))
	at := uintptr(key)
	if len(l.key) != len(Key) || at%alignment != 0 || at == 0 {
		return nil
	}
	first, second := 8, -8 // from key; the bytes on its page are read first
	if at%16 != 0 {
		first, second = second, first
	}
	if !proves(key, first) || !proves(key, second) {
		return nil
	}
	h := (*head)(unsafe.Add(key, -int(keyOffset)))
	if own := &h.own[0]; unsafe.StringData(own.value) != unsafe.StringData(l.value) || len(own.value) != len(l.value) {
		return nil
	}
	return h
}

// roomed reports whether set, whose list begins less than MaxSize bytes behind it, is a frame. It
// reads only the pages of set and of the list, whatever they are.
//
//go:norace
//go:nocheckptr
func roomed(set unsafe.Pointer) bool {
	at := uintptr(set) + keyOffset
	return at%16 == 0 && *(*uintptr)(unsafe.Add(set, ownOffset)) == at &&
		*(*uint64)(unsafe.Add(set, keyOffset+8)) == secret^uint64(at) &&
		*(*uint64)(unsafe.Add(set, keyOffset-8)) == ^secret^uint64(at)
}

// proves reports whether the word at offset from key, which may be a frame's, is the one that init
// puts there.
//
//go:norace
//go:nocheckptr
func proves(key unsafe.Pointer, offset int) bool {
	want := secret ^ uint64(uintptr(key))
	if offset < 0 {
		want = ^want
	}
	return *(*uint64)(unsafe.Add(key, offset)) == want
}

const (
	nameSize = 64
	noName   = "-"
)

// Label returns name in the form of a label: cut at 64 bytes, never within a rune.
func Label(name string) string {
	if len(name) <= nameSize {
		return name
	}
	const ellipsis = "…"
	n := nameSize - len(ellipsis)
	for n > 0 && !utf8.RuneStart(name[n]) {
		n--
	}
	return name[:n] + ellipsis
}
