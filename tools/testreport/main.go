// SPDX-License-Identifier: Apache-2.0

// Command testreport reads the stream of `go test -json` on its standard input and writes a report
// for people: a line for each package, the whole output of each failure, the reason of each skip,
// and the counts, alone on the last line. It exits with status 1 if anything failed, if the stream
// ends before a package does, or if no test passed: a run that tested nothing is not a success.
//
//	go test -json work | go run ./tools/testreport
//
// It counts tests and subtests, examples and fuzz seeds, as `go test -v` prints their `--- PASS`
// lines. A package that fails with no failed test (it does not build, its TestMain exits) counts
// as one failure.
package main

import (
	"fmt"
	"os"
)

func main() {
	report := newReport(os.Stdout)
	if err := report.read(os.Stdin); err != nil {
		fmt.Fprintln(os.Stderr, "testreport:", err)
		os.Exit(1)
	}
	if !report.close() {
		os.Exit(1)
	}
}
