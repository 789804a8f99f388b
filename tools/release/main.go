// SPDX-License-Identifier: Apache-2.0

// Command release prepares a release of every published module, all with one version:
//
//	go run ./tools/release v0.1.0
//
// It writes the version into version.go and into what every go.mod requires of this repository, and closes the
// Unreleased section of CHANGELOG.md. Then it prints the steps that are left for a person: the commit, a tag for
// each module, and the push. It runs none of these. A second run changes nothing and prints the same.
//
// It refuses an invalid version, a version that is not above the last one, a working tree with changes of any
// other kind, and a changelog with nothing under Unreleased.
package main

import (
	"fmt"
	"os"
	"time"

	"github.com/asynclocal/asynclocal/tools/release/internal/published"
)

func main() {
	if err := do(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}

func do(args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("give the version, and nothing else: go run ./tools/release v0.1.0")
	}
	checkout, err := published.Checkout()
	if err != nil {
		return err
	}
	r := release{dir: checkout, version: args[0], today: time.Now().UTC()}
	changed, err := r.prepare()
	if err != nil {
		return err
	}
	fmt.Print(r.instructions(changed))
	return nil
}
