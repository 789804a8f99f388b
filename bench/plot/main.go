// SPDX-License-Identifier: Apache-2.0

// Command plot draws what BenchmarkRequest measured. It reads the text of `go test -bench` from
// the files it is given, or from its standard input, and writes
//
//	PREFIX-time.svg     the time of a request, in each mode and on each stack
//	PREFIX-allocs.svg   its allocations
//	PREFIX.md           the figures, as a table
//
// where PREFIX is -o:
//
//	go run ./plot -o results/echov4 results/echov4.txt
//
// A time is the median of the runs, its whisker reaches from the fastest to the slowest. All of the
// input has to be of one machine, and every stack has to be in every mode: figures that were not
// measured side by side do not stand side by side in a picture. Other benchmarks are passed over.
// The same input makes the same bytes.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"os"
)

func main() {
	if err := run(os.Args[1:], os.Stdin); err != nil {
		fmt.Fprintln(os.Stderr, "plot:", err)
		os.Exit(1)
	}
}

func run(args []string, stdin io.Reader) error {
	flags := flag.NewFlagSet("plot", flag.ContinueOnError)
	prefix := flags.String("o", "", "the `prefix` of the files that are written")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *prefix == "" {
		return fmt.Errorf("-o says where to: plot -o results/echov4 results/echov4.txt")
	}
	r, err := read(flags.Args(), stdin)
	if err != nil {
		return err
	}
	for _, out := range outputs {
		var b bytes.Buffer
		if err := out.write(&b, r); err != nil {
			return err
		}
		if err := os.WriteFile(*prefix+out.suffix, b.Bytes(), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// outputs is what is written of results, each under the prefix with its suffix.
var outputs = []struct {
	suffix string
	write  func(io.Writer, *results) error
}{
	{"-time.svg", times.draw},
	{"-allocs.svg", allocations.draw},
	{".md", table},
}
