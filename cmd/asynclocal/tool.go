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

// isProtocol reports whether the arguments are those that the go command passes to a vet tool.
func isProtocol(args []string) bool {
	return slices.Contains(args, "-flags") || slices.Contains(args, versionFlag) ||
		len(args) > 0 && strings.HasSuffix(args[len(args)-1], ".cfg")
}

// vettool handles the go command's requests to a vet tool, and does not return.
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

// fullVersion returns the version by which the go command caches the results of a vet tool. It
// covers the program and the things outside a package that results depend on: without those, a
// module that begins to use package tracing would get its old results.
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
