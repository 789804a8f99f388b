// SPDX-License-Identifier: Apache-2.0

// Command asynclocal has the tools of github.com/asynclocal/asynclocal.
//
//	asynclocal vet ./...
//
// reports the places of a program where a request's context gets lost. It is go vet with its own
// checks, and takes the flags of go vet: -fix applies the fixes that are safe, -diff shows them,
// -json prints for machines, -timer runs only that check. Two flags are its own:
//
//	-findings report.json   show and fix only what package doctor has seen in a running program
//	-adopt                  check as if the module used package tracing already
//
// It is also a vet tool:
//
//	go vet -vettool=$(which asynclocal) ./...
//
// To describe the checks:
//
//	asynclocal vet help
//
// docs/vet describes each with an example.
package main

import (
	"fmt"
	"io"
	"os"
)

const usage = `usage: asynclocal vet [-fix] [-diff] [-json] [-findings report.json] [-adopt] [go vet flags] [packages]
       asynclocal vet help [check]
       go vet -vettool=$(which asynclocal) [packages]
`

func main() {
	if code, done := run(os.Args[1:], os.Stdout, os.Stderr); done {
		os.Exit(code)
	}
	vettool(os.Args[1:])
}

// run handles what people ask for. What the go command asks a vet tool for is left to the caller,
// with done false.
func run(args []string, stdout, stderr io.Writer) (code int, done bool) {
	switch {
	case isProtocol(args):
		return 0, false
	case len(args) == 0:
		fmt.Fprint(stderr, usage)
		return 2, true
	case args[0] == "vet" && len(args) > 1 && args[1] == "help":
		return 0, false
	case args[0] == "vet":
		return runVet(args[1:], stdout, stderr), true
	case args[0] == "help", args[0] == "-h", args[0] == "-help", args[0] == "--help":
		fmt.Fprint(stdout, usage)
		return 0, true
	}
	fmt.Fprintf(stderr, "asynclocal: there is no command %q\n%s", args[0], usage)
	return 2, true
}
