// SPDX-License-Identifier: Apache-2.0

package main

import (
	"crypto/sha256"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis/unitchecker"

	"github.com/asynclocal/asynclocal/cmd/asynclocal/vet"
)

const versionFlag = "-V=full"

// isProtocol reports whether the arguments are those that the go command gives a vet tool.
func isProtocol(args []string) bool {
	return slices.Contains(args, "-flags") || slices.Contains(args, versionFlag) ||
		len(args) > 0 && strings.HasSuffix(args[len(args)-1], ".cfg")
}

// vettool does what the go command asks a vet tool for, and does not return.
func vettool(args []string) {
	if slices.Contains(args, versionFlag) {
		version, err := fullVersion()
		if err != nil {
			fmt.Fprintln(os.Stderr, "asynclocal:", err)
			os.Exit(2)
		}
		fmt.Println(version)
		os.Exit(0)
	}
	if len(args) > 0 && args[0] == "vet" { // asynclocal vet help
		os.Args = append(os.Args[:1], args[1:]...)
	}
	c := new(vet.Config)
	c.Flags(flag.CommandLine)
	unitchecker.Main(vet.Analyzers(c)...)
}

// fullVersion is what the go command caches the results of a vet tool by. Beside the program it has
// what the results depend on that is not in a package: without it a module that begins to use package
// tracing would be told what was true before.
func fullVersion() (string, error) {
	self, err := os.Executable()
	if err != nil {
		return "", err
	}
	program, err := os.ReadFile(self)
	if err != nil {
		return "", err
	}
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	id := sha256.Sum256(append(program, vet.ModuleState(dir)...))
	return fmt.Sprintf("%s version devel buildID=%x", self, id), nil
}
