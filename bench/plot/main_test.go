// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestFilesAndStandardInputAreDrawnAlike(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(sample)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	fromFile, fromStdin := filepath.Join(dir, "file"), filepath.Join(dir, "stdin")
	if err := run([]string{"-o", fromFile, sample}, nil); err != nil {
		t.Fatal(err)
	}
	if err := run([]string{"-o", fromStdin}, bytes.NewReader(text)); err != nil {
		t.Fatal(err)
	}
	for _, out := range outputs {
		file, err := os.ReadFile(fromFile + out.suffix)
		if err != nil {
			t.Fatal(err)
		}
		stdin, err := os.ReadFile(fromStdin + out.suffix)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(file, stdin) || len(file) == 0 {
			t.Errorf("%s: %d bytes from a file, %d from standard input", out.suffix, len(file), len(stdin))
		}
	}
}

func TestNothingIsWrittenOfWhatCannotBeRead(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := run([]string{"-o", filepath.Join(dir, "out")}, strings.NewReader("PASS\n")); err == nil {
		t.Error("no error")
	}
	if err := run([]string{sample}, nil); err == nil || !strings.Contains(err.Error(), "-o") {
		t.Errorf("without -o: %v", err)
	}
	if files, err := os.ReadDir(dir); err != nil || len(files) != 0 {
		t.Errorf("there is %v, %v", files, err)
	}
}

func TestTheTableComparesTimesWithTheFloor(t *testing.T) {
	t.Parallel()
	got := string(written(t, table, mustRead(t, sample)))
	for _, want := range []string{
		"median of 3 runs; go1.26.8, linux, amd64, AMD EPYC, GOMAXPROCS=1.\n",
		"\n| sampled, metrics | time | from – to | of the floor | allocations | bytes |\n",
		"\n| floor | 5.67 µs | 5.60 – 5.87 | 1.00 | 11 | 4953 |\n",
		"\n| asynclocal | 9.87 µs | 9.70 – 14.00 | 1.74 | 20 | 5900 |\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
}

func TestRatiosAreOfTheSameRound(t *testing.T) {
	t.Parallel()
	// The machine was slow in the second: the medians, 1000 and 3000, would make it three times.
	r, err := read(nil, strings.NewReader(line("a/floor", 1000)+line("a/x", 2000)+
		line("a/floor", 4000)+line("a/x", 8000)+line("a/floor", 1000)+line("a/x", 3000)))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := r.ratio(cell{"a", "x"}, baseline), 2.0; got != want {
		t.Errorf("%v times the floor, want %v", got, want)
	}
}
