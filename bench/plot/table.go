// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"fmt"
	"io"
	"slices"
)

// baseline is the stack that times are compared with, if it is there.
const baseline = "floor"

// table writes the figures as Markdown.
func table(w io.Writer, r *results) error {
	b := bufio.NewWriter(w)
	_, _ = fmt.Fprintf(b, "A request through Echo v4: %s.\n", r.about())
	for _, mode := range r.modes {
		_, _ = fmt.Fprintf(b, "\n| %s | time | from – to | of the %s | allocations | bytes |\n|---|--:|--:|--:|--:|--:|\n", mode, baseline)
		for _, stack := range r.stacks {
			_, _ = fmt.Fprintln(b, r.row(cell{mode, stack}))
		}
	}
	return b.Flush() // has the first error of all
}

func (r *results) row(c cell) string {
	t := r.figure(c, seconds).scaled(1e6)
	ratio := "–"
	if slices.Contains(r.stacks, baseline) {
		ratio = fmt.Sprintf("%.2f", r.ratio(c, baseline))
	}
	return fmt.Sprintf("| %s | %.2f µs | %.2f – %.2f | %s | %.0f | %.0f |", c.stack,
		t.median, t.least, t.most, ratio, r.figure(c, allocs).median, r.figure(c, bytesOp).median)
}
