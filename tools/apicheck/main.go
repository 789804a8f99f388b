// SPDX-License-Identifier: Apache-2.0

// Command apicheck compares the exported API of the published modules with the API that was last agreed on:
//
//	.ci/run api    say what has changed, and fail at a break
//	make api       agree
//
// The agreed API is in api/, in a file of Go declarations for each module, so that the change of a promise is read
// in a review like any other change. Rejected: compiler export data, which is less work but cannot be read or
// merged. golang.org/x/exp/apidiff decides what breaks. An addition is printed, and is no failure.
//
// It is a module outside of the workspace, because apidiff needs a golang.org/x/tools that has not been released,
// and asynclocal vet is tested with a released one.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	update := flag.Bool("update", false, "write what is exported now into api/")
	root := flag.String("root", "../..", "the checkout")
	flag.Parse()
	breaks, err := do(*root, *update)
	switch {
	case err != nil:
		fmt.Fprintln(os.Stderr, "apicheck:", err)
		os.Exit(2)
	case breaks > 0:
		fmt.Fprintf(os.Stderr, "apicheck: %d breaks. Before v1.0.0 one may be worth it: say it in CHANGELOG.md, and agree with make api.\n", breaks)
		os.Exit(1)
	}
}

func do(root string, update bool) (breaks int, err error) {
	if root, err = filepath.Abs(root); err != nil {
		return 0, err
	}
	dirs, err := published(root)
	if err != nil {
		return 0, err
	}
	now, all, err := load(root, dirs)
	if err != nil {
		return 0, err
	}
	if update {
		for _, dir := range dirs {
			if err := now[dir].write(snapshotFile(root, dir)); err != nil {
				return 0, err
			}
		}
		return 0, nil
	}
	then, kept := newReader(all), map[string][]string{}
	for _, dir := range dirs {
		if kept[dir], err = then.add(snapshotFile(root, dir)); err != nil {
			return 0, fmt.Errorf("%w: make api writes it", err)
		}
	}
	for _, dir := range dirs {
		breaks += compare(os.Stdout, kept[dir], then, now[dir])
	}
	return breaks, nil
}
