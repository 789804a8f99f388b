// SPDX-License-Identifier: Apache-2.0

package main

import (
	"slices"
	"strings"
	"testing"
)

const sample = "testdata/echov4.txt"

func TestASampleIsReadInItsOrder(t *testing.T) {
	t.Parallel()
	r := mustRead(t, sample)
	if want := []string{"sampled, metrics", "unsampled"}; !slices.Equal(r.modes, want) {
		t.Errorf("modes %q, want %q", r.modes, want)
	}
	if want := []string{"bare", "floor", "asynclocal"}; !slices.Equal(r.stacks, want) {
		t.Errorf("stacks %q, want %q", r.stacks, want)
	}
	if got, want := r.about(), "median of 3 runs; go1.26.8, linux, amd64, AMD EPYC, GOMAXPROCS=1"; got != want {
		t.Errorf("about %q, want %q", got, want)
	}
	tests := []struct {
		cell cell
		unit string
		want figure
	}{
		{cell{"sampled, metrics", "asynclocal"}, seconds, figure{9866, 9700, 14000}.scaled(1e-9)},
		{cell{"unsampled", "floor"}, seconds, figure{3505, 3405, 3605}.scaled(1e-9)},
		{cell{"unsampled", "bare"}, seconds, figure{47, 46, 48}.scaled(1e-9)},
		{cell{"unsampled", "asynclocal"}, allocs, figure{14, 14, 14}},
		{cell{"sampled, metrics", "floor"}, bytesOp, figure{4953, 4953, 4953}},
	}
	for _, tt := range tests {
		if got := r.figure(tt.cell, tt.unit); got != tt.want {
			t.Errorf("%s of %v: %v, want %v", tt.unit, tt.cell, got, tt.want)
		}
	}
}

func TestFilesAddUpAndOtherCountsAreSaid(t *testing.T) {
	t.Parallel()
	r, err := read(nil, strings.NewReader(line("a/x", 10)+line("a/x", 40)+line("a/x", 20)+line("a/x", 30)+line("a/y", 1)))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := tenths(r.figure(cell{"a", "x"}, seconds).scaled(1e9).median), "25.0"; got != want {
		t.Errorf("median of four %v, want %v", got, want)
	}
	if got, want := r.about(), "median of 1 to 4 runs; GOMAXPROCS=1"; got != want {
		t.Errorf("about %q, want %q", got, want)
	}
	if got, want := len(mustRead(t, sample, sample).runs[cell{"unsampled", "bare"}][seconds]), 6; got != want {
		t.Errorf("%d runs of the same file twice, want %d", got, want)
	}
}

func TestAnErrorNamesTheFileAndTheLine(t *testing.T) {
	t.Parallel()
	const good = "BenchmarkRequest/a/x 1 10 ns/op 0 B/op 0 allocs/op\n"
	tests := []struct{ name, in, want string }{
		{"nothing", "", "stdin: no results of BenchmarkRequest"},
		{"something else", "PASS\nBenchmarkElse/a/x 1 10 ns/op\n", "stdin: no results of BenchmarkRequest"},
		{"no benchmark line", good + "BenchmarkRequest/a/x 1 ten ns/op\n", "stdin:2: parsing measurement: invalid syntax"},
		{"a name without a stack", good + "BenchmarkRequest/a 1 10 ns/op\n",
			"stdin:2: the name BenchmarkRequest/a is not of the form BenchmarkRequest/mode/stack"},
		{"no allocations", "\nBenchmarkRequest/a/x 1 10 ns/op\n", "stdin:2: no B/op of BenchmarkRequest/a/x: run it with -benchmem"},
		{"two machines", "cpu: A\n" + good + "cpu: B\n" + good,
			`stdin:4: cpu is "B", and at stdin:2 it is "A": a picture is of one machine`},
		{"two numbers of processors", good + "BenchmarkRequest/a/x-2 1 10 ns/op 0 B/op 0 allocs/op\n",
			`stdin:2: GOMAXPROCS is "2", and at stdin:1 it is "1": a picture is of one machine`},
		{"a stack that one mode lacks", good + line("a/y", 1) + line("b/x", 1), `stdin: y is not there in mode "b", but in another`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if _, err := read(nil, strings.NewReader(tt.in)); err == nil || err.Error() != tt.want {
				t.Errorf("error %v, want %s", err, tt.want)
			}
		})
	}
}

func TestAFileThatIsNotThereIsNamed(t *testing.T) {
	t.Parallel()
	if _, err := read([]string{sample, "testdata/none.txt"}, nil); err == nil || !strings.Contains(err.Error(), "testdata/none.txt") {
		t.Errorf("error %v", err)
	}
}

func line(name string, ns int) string {
	return "BenchmarkRequest/" + name + " 1 " + whole(float64(ns)) + " ns/op 0 B/op 0 allocs/op\n"
}

func mustRead(t *testing.T, files ...string) *results {
	t.Helper()
	r, err := read(files, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}
