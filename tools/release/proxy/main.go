// SPDX-License-Identifier: Apache-2.0

// Command proxy shows that the published modules can be used. It makes a module proxy of the checkout. Then it
// acts as a stranger who has a separate module, the go command, and that proxy in front of the one that Go is
// configured with. There is no workspace and no replace.
//
//	go run ./tools/release/proxy             get, build and run every consumer
//	go run ./tools/release/proxy jobs        those whose name has this in it
//	go run ./tools/release/proxy -tree DIR   make the proxy, for GOPROXY=file://DIR,…, and no more
//
// Consumers are the programs in testdata/consumers. The first line of each names the module that it gets, and
// want.txt has its output.
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
