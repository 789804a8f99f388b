// SPDX-License-Identifier: Apache-2.0

// Command licenses lists the modules that the packages of each published module pull into a program, with their
// licenses:
//
//	go run ./tools/release/licenses            compare with docs/licenses.md, and refuse what is not allowed
//	go run ./tools/release/licenses -update    write it
//
// It reads the license files in the module cache. It also refuses a license whose text it does not know.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/asynclocal/asynclocal/tools/release/internal/published"
)

const page = "docs/licenses.md"

func main() {
	update := flag.Bool("update", false, "write "+page)
	flag.Parse()
	if err := do(*update); err != nil {
		fmt.Fprintln(os.Stderr, "licenses:", err)
		os.Exit(1)
	}
}

func do(update bool) error {
	checkout, err := published.Checkout()
	if err != nil {
		return err
	}
	var all []pulled
	for _, m := range published.Modules() {
		p, err := pulls(checkout, m)
		if err != nil {
			return err
		}
		all = append(all, p)
	}
	if err := allowed(all); err != nil {
		return err
	}
	file, text := filepath.Join(checkout, page), render(all)
	if update {
		return os.WriteFile(file, []byte(text), 0o644)
	}
	now, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("%w: make licenses writes it", err)
	}
	if string(now) != text {
		return fmt.Errorf("%s is not what is pulled in now: make licenses, and read the difference", page)
	}
	return nil
}

// allowed returns an error if a license asks more of a user than to keep a notice, or to publish changes of the file.
func allowed(all []pulled) error {
	var refused []string
	for _, p := range all {
		for _, d := range p.deps {
			all := strings.Split(d.license, both)
			if slices.ContainsFunc(all, func(license string) bool { return !permissive[license] }) {
				refused = append(refused, fmt.Sprintf("%s pulls in %s, whose license is %s", p.module.Path(), d.path, d.license))
			}
		}
	}
	if len(refused) > 0 {
		return fmt.Errorf("%s", strings.Join(refused, "\n"))
	}
	return nil
}

var permissive = map[string]bool{
	"Apache-2.0": true, "MIT": true, "BSD-2-Clause": true, "BSD-3-Clause": true, "ISC": true, "MPL-2.0": true,
}

func render(all []pulled) string {
	var b strings.Builder
	b.WriteString("# Licenses\n\nWhat a program gets with the packages of each published module, beside the standard library and this repository,\n" +
		"which is Apache-2.0. Tests and what only they need are not in it. Written by `make licenses`; CI compares, and refuses\n" +
		"all but Apache-2.0, MIT, BSD, ISC and MPL-2.0.\n")
	for _, p := range all {
		fmt.Fprintf(&b, "\n## %s\n\n", p.module.Path())
		if len(p.deps) == 0 {
			b.WriteString("Nothing.\n")
			continue
		}
		b.WriteString("| module | license |\n|---|---|\n")
		for _, d := range p.deps {
			fmt.Fprintf(&b, "| `%s` | %s |\n", d.path, d.license)
		}
	}
	return b.String()
}
