// SPDX-License-Identifier: Apache-2.0

//go:build !asynclocal_noambient

package ambient

import (
	"bytes"
	"runtime"
	"runtime/debug"
	"strconv"
	"unsafe"
)

const (
	wordSize = unsafe.Sizeof(uintptr(0))
	// window is the part of a descriptor that is searched, more than all of Go 1.27's.
	window = 96 * wordSize
	// page divides the page size of every machine: if one byte of it can be read, all can.
	page = 4096
	// samples goroutines must agree. At most attempts are asked, because the descriptors of some
	// are not certain to be readable throughout the window.
	samples, attempts = 4, 64
)

// offsets marks the places in a descriptor, counted in words, that are ruled out.
type offsets [window / wordSize]bool

// keep rules out the places where matches returns false.
func (o *offsets) keep(matches func(at uintptr) bool) {
	for i := range o {
		o[i] = o[i] || !matches(uintptr(i)*wordSize)
	}
}

// only returns the one place that is left, or 0 if there is not exactly one. The stack is at 0.
func (o *offsets) only() (at uintptr) {
	for i, out := range o {
		switch {
		case out:
		case i == 0, at != 0:
			return 0
		default:
			at = uintptr(i) * wordSize
		}
	}
	return at
}

// findNumber returns the place of the number that tracebacks have, or 0 if that is not certain.
func findNumber() uintptr {
	var o offsets
	if !sample(samples, attempts, func(g unsafe.Pointer) {
		want := tracebackNumber()
		o.keep(func(at uintptr) bool { return want != 0 && number(g, at) == want })
	}) {
		return 0
	}
	return o.only()
}

// sample calls look on n new goroutines, all of which live until the last is done, so that they
// have n different descriptors. It reports whether it could, and no call crashed.
func sample(n, attempts int, look func(g unsafe.Pointer)) bool {
	if n == 0 || attempts == 0 {
		return n == 0
	}
	done := make(chan bool)
	go func() {
		ok := false
		defer func() {
			ok = recover() == nil && ok
			done <- ok
		}()
		debug.SetPanicOnFault(true)
		if g := getg(); uintptr(g)%page <= page-window-wordSize {
			look(g)
			n--
		}
		ok = sample(n, attempts-1, look)
	}()
	return <-done
}

// number reads a number that may be two words.
//
//go:norace
//go:nocheckptr
func number(g unsafe.Pointer, at uintptr) uint64 { return *(*uint64)(unsafe.Add(g, at)) }

// tracebackNumber returns the number of the calling goroutine, or 0 if tracebacks do not begin with
// it.
func tracebackNumber() uint64 {
	var b [64]byte
	rest, ok := bytes.CutPrefix(b[:runtime.Stack(b[:], false)], []byte("goroutine "))
	digits, _, more := bytes.Cut(rest, []byte(" ["))
	if !ok || !more {
		return 0
	}
	n, err := strconv.ParseUint(string(digits), 10, 64)
	if err != nil {
		return 0
	}
	return n
}
