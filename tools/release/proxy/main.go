// SPDX-License-Identifier: Apache-2.0

// Command proxy shows that what is published can be used: it makes a module proxy of the checkout, and then is a
// stranger who has a module of his own, the go command, and that proxy before the one that Go is set up with.
// There is no workspace and no replace.
//
//	go run ./tools/release/proxy             get, build and run every consumer
//	go run ./tools/release/proxy jobs        those whose name has this in it
//	go run ./tools/release/proxy -tree DIR   make the proxy, for GOPROXY=file://DIR,…, and no more
//
// Consumers are the programs in testdata/consumers. Each says in its first line what it gets, and in want.txt what
// it prints.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"github.com/asynclocal/asynclocal/tools/release/internal/fileproxy"
	"github.com/asynclocal/asynclocal/tools/release/internal/published"
)

func main() {
	tree := flag.String("tree", "", "make the proxy in this directory, and stop")
	flag.Parse()
	if err := do(*tree, flag.Arg(0)); err != nil {
		fmt.Fprintln(os.Stderr, "proxy:", err)
		os.Exit(1)
	}
}

func do(tree, pattern string) error {
	checkout, err := published.Checkout()
	if err != nil {
		return err
	}
	version, err := published.Version(checkout)
	if err != nil {
		return err
	}
	if tree != "" {
		return fileproxy.Write(checkout, tree, version)
	}
	s, err := newStranger(checkout, version)
	if err != nil {
		return err
	}
	defer s.close()
	return s.tryAll(filepath.Join(checkout, "tools/release/proxy/testdata/consumers"), pattern)
}
