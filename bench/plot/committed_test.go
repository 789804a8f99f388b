// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"
)

const (
	committed = "../results/echov4"
	cure      = "make bench writes results and pictures; the figures in the pages are to be copied from " + committed + ".md"
)

func TestThePicturesAreOfTheResults(t *testing.T) {
	t.Parallel()
	for _, results := range []string{committed, committed + "-live"} {
		r := mustRead(t, results+".txt")
		for _, out := range outputs {
			t.Run(results+out.suffix, func(t *testing.T) {
				t.Parallel()
				got, err := os.ReadFile(results + out.suffix)
				if err != nil {
					t.Fatal(err)
				}
				if !bytes.Equal(got, written(t, out.write, r)) {
					t.Errorf("%s%s is not what %[1]s.txt makes; %s", results, out.suffix, cure)
				}
			})
		}
	}
}

// A page says what was measured last, or the figures of one line would not be of one run.
func TestThePagesSayWhatTheResultsSay(t *testing.T) {
	t.Parallel()
	r := mustRead(t, committed+".txt")
	of := func(stack, unit string, scale float64) float64 {
		return r.figure(cell{"sampled, metrics", stack}, unit).scaled(scale).median
	}
	both := func(stack string) string {
		return fmt.Sprintf("| %.0f | %.1f KB |", of(stack, allocs, 1), of(stack, bytesOp, 1e-3))
	}
	tests := []struct{ page, line, want string }{
		{"../../docs/middleware.md", "| the least that records the same", both("floor")},
		{"../../docs/middleware.md", "| `middleware.New` with everything on", both("asynclocal")},
		{"../../docs/middleware.md", "| the same without lines", both("alone")},
		{"../../docs/middleware.md", "| the retired package alone", both("contrib")},
		{"../../docs/middleware.md", "| Echo's `RequestID`, the retired package", both("assembled")},
		{"../../README.md", "| an HTTP request", fmt.Sprintf("| %.1f µs, %.0f allocs | %.1f µs, %.0f allocs:",
			of("asynclocal", seconds, 1e6), of("asynclocal", allocs, 1), of("assembled", seconds, 1e6), of("assembled", allocs, 1))},
	}
	for _, tt := range tests {
		t.Run(tt.page+" "+tt.line, func(t *testing.T) {
			t.Parallel()
			page, err := os.ReadFile(tt.page)
			if err != nil {
				t.Fatal(err)
			}
			_, rest, found := strings.Cut(string(page), "\n"+tt.line)
			line, _, _ := strings.Cut(rest, "\n")
			if !found || !strings.Contains(line, tt.want) {
				t.Errorf("%s: the line %q has no %q: %q; %s", tt.page, tt.line, tt.want, line, cure)
			}
		})
	}
}
