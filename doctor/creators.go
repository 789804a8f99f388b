// SPDX-License-Identifier: Apache-2.0

package doctor

import (
	"runtime"
	"slices"
	"strings"
)

// goStatement is a go statement: its place, and the function that contains it.
type goStatement struct{ function, at string }

// lazy lists the packages that keep their own goroutines, which the first request happens to start.
// A user cannot change that, and they hold little.
var lazy = []string{"net/http.", "net.", "database/sql.", "os/exec.", "os/signal.", "crypto/tls.", "golang.org/x/net/http2."}

func (g goStatement) isLazy() bool {
	return slices.ContainsFunc(lazy, func(p string) bool { return strings.HasPrefix(g.function, p) })
}

// creators holds the go statements of all goroutines, by their stacks and by the function that each
// began with. The second is for goroutines whose stack has changed since, or is too deep to be
// printed whole.
type creators struct{ byStack, byEntry map[string]goStatement }

func (c *creators) of(h holder) goStatement {
	if at, ok := c.byStack[h.key()]; ok {
		return at
	}
	return c.byEntry[h.functions[len(h.functions)-1]]
}

// maxTraceback bounds the memory for the traceback: a few ten thousand goroutines.
const maxTraceback = 32 << 20

// allCreators takes the traceback of every goroutine, which stops all of them meanwhile.
func allCreators() *creators {
	buf := make([]byte, 1<<20)
	n := runtime.Stack(buf, true)
	for n == len(buf) && n < maxTraceback {
		buf = make([]byte, 2*len(buf))
		n = runtime.Stack(buf, true)
	}
	c := &creators{byStack: map[string]goStatement{}, byEntry: map[string]goStatement{}}
	for text := range strings.SplitSeq(string(buf[:n]), "\n\n") {
		c.add(text)
	}
	return c
}

// add parses one traceback: a line about the goroutine, and then two lines for each call.
func (c *creators) add(text string) {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	var h holder
	for i := 1; i+1 < len(lines); i += 2 {
		at := strings.TrimSpace(lines[i+1])
		if end := strings.LastIndex(at, " +0x"); end >= 0 {
			at = at[:end]
		}
		if by, last := strings.CutPrefix(lines[i], "created by "); last {
			if len(h.functions) > 0 {
				by, _, _ = strings.Cut(by, " in goroutine ")
				c.byStack[h.key()], c.byEntry[h.functions[len(h.functions)-1]] = goStatement{by, at}, goStatement{by, at}
			}
			return
		}
		function := lines[i]
		if end := strings.LastIndexByte(function, '('); end > 0 {
			function = function[:end]
		}
		if len(h.functions) == 0 && strings.HasPrefix(function, "runtime.") {
			continue // the profile leaves these out
		}
		h.functions, h.places = append(h.functions, function), append(h.places, at)
	}
}
