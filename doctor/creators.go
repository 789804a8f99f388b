// SPDX-License-Identifier: Apache-2.0

package doctor

import (
	"runtime"
	"strings"
)

// creators are the places of the go statements of all goroutines: by their stacks, and by the
// function that each began with where the stack is another by now, or too deep to be printed whole.
type creators struct{ byStack, byEntry map[string]string }

func (c *creators) of(h holder) string {
	if at, ok := c.byStack[h.key()]; ok {
		return at
	}
	return c.byEntry[h.functions[len(h.functions)-1]]
}

// maxTraceback bounds the memory that it takes to ask: some ten thousand goroutines.
const maxTraceback = 32 << 20

// allCreators asks for the traceback of every goroutine, which stops all of them meanwhile.
func allCreators() *creators {
	buf := make([]byte, 1<<20)
	n := runtime.Stack(buf, true)
	for n == len(buf) && n < maxTraceback {
		buf = make([]byte, 2*len(buf))
		n = runtime.Stack(buf, true)
	}
	c := &creators{byStack: map[string]string{}, byEntry: map[string]string{}}
	for text := range strings.SplitSeq(string(buf[:n]), "\n\n") {
		c.add(text)
	}
	return c
}

// add reads one traceback: a line about the goroutine, and then two lines for each call.
func (c *creators) add(text string) {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	var h holder
	for i := 1; i+1 < len(lines); i += 2 {
		at := strings.TrimSpace(lines[i+1])
		if end := strings.LastIndex(at, " +0x"); end >= 0 {
			at = at[:end]
		}
		if strings.HasPrefix(lines[i], "created by ") {
			if len(h.functions) > 0 {
				c.byStack[h.key()], c.byEntry[h.functions[len(h.functions)-1]] = at, at
			}
			return
		}
		function := lines[i]
		if end := strings.LastIndexByte(function, '('); end > 0 {
			function = function[:end]
		}
		if len(h.functions) == 0 && strings.HasPrefix(function, "runtime.") {
			continue // the profile leaves them out
		}
		h.functions, h.places = append(h.functions, function), append(h.places, at)
	}
}
