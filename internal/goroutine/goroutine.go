// SPDX-License-Identifier: Apache-2.0

package goroutine

import (
	"runtime"
	"strings"
	"sync"

	"github.com/asynclocal/asynclocal/internal/ambient"
)

const prefix = "goroutine "

// headers holds buffers for the first words of a traceback: a buffer on the stack would escape.
var headers = sync.Pool{New: func() any { return new([len(prefix) + 20]byte) }}

// ID returns the calling goroutine's number, as in tracebacks. The number is never reused while the
// process lives.
func ID() int64 {
	if n := ambient.Goroutine(); n != 0 {
		return int64(n) //nolint:gosec // the runtime counts goroutines from 1
	}
	return fromTraceback()
}

func fromTraceback() int64 {
	b := headers.Get().(*[len(prefix) + 20]byte)
	defer headers.Put(b)
	n := runtime.Stack(b[:], false)
	if n < len(prefix) {
		return 0
	}
	id := int64(0)
	for _, c := range b[len(prefix):n] {
		if c < '0' || c > '9' {
			break
		}
		id = 10*id + int64(c-'0')
	}
	return id
}

// maxDepth bounds the stack that Entry looks through.
const maxDepth = 256

// Entry returns the function that the calling goroutine began with, without the path of its
// package: "audit.(*Trail).Record.func1" for a function literal after go. It returns "" if the
// stack is deeper than 256 calls.
func Entry() string {
	var pcs [maxDepth]uintptr
	n := runtime.Callers(2, pcs[:])
	if n < 2 || n == maxDepth {
		return ""
	}
	f := runtime.FuncForPC(pcs[n-2] - 1) // below it is runtime.goexit
	if f == nil {
		return ""
	}
	return Short(f.Name())
}

// CreatedBy returns the last entry of the calling goroutine's traceback, the go statement that
// started it: "created by main.serve in goroutine 1", and in the next line the place. It returns ""
// for the main goroutine.
func CreatedBy() string {
	buf := make([]byte, 4<<10)
	n := runtime.Stack(buf, false)
	for n == len(buf) {
		buf = make([]byte, 2*len(buf))
		n = runtime.Stack(buf, false)
	}
	text := string(buf[:n])
	i := strings.LastIndex(text, "\ncreated by ")
	if i < 0 {
		return ""
	}
	return strings.TrimSpace(text[i:])
}

// Short removes the path of the package from a function's name.
func Short(name string) string {
	// A type parameter may have a path as well: it is after the name's first bracket.
	end := strings.IndexByte(name, '[')
	if end < 0 {
		end = len(name)
	}
	return name[strings.LastIndexByte(name[:end], '/')+1:]
}
