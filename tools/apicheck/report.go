// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"go/types"
	"io"
	"maps"
	"slices"
	"strings"

	"golang.org/x/exp/apidiff"
)

// compare writes the changes of a module, and returns how many of them break its users.
func compare(w io.Writer, paths []string, then types.Importer, now api) (breaks int) {
	for _, path := range paths {
		old, err := then.Import(path)
		switch {
		case now[path] == nil:
			breaks++
			fmt.Fprintf(w, "BREAK %s: the package is removed\n", path)
		case err != nil:
			breaks++
			fmt.Fprintf(w, "BREAK %s: what it was has no meaning any more: %v\n", path, err)
		default:
			breaks += comparePackage(w, old, now[path])
		}
	}
	for _, path := range slices.Sorted(maps.Keys(now)) {
		if !slices.Contains(paths, path) {
			fmt.Fprintf(w, "new   %s: the package is added\n", path)
		}
	}
	return breaks
}

func comparePackage(w io.Writer, then, now *types.Package) (breaks int) {
	all := apidiff.Changes(then, now).Changes
	for i, c := range all {
		if slices.Contains(all[:i], c) { // a generic type's method is reported for the type and for its pointer
			continue
		}
		kind := "new  "
		if !c.Compatible {
			kind = "BREAK"
			breaks++
		}
		fmt.Fprintf(w, "%s %s: %s%s\n", kind, then.Path(), c.Message, signature(c.Message, then, now))
	}
	return breaks
}

// signature returns the declaration that was removed or added. apidiff shows it only for changed
// declarations.
func signature(message string, then, now *types.Package) string {
	name, what, _ := strings.Cut(message, ": ")
	pkg := map[string]*types.Package{"removed": then, "added": now}[what]
	if pkg == nil {
		return ""
	}
	obj := find(pkg, name)
	if obj == nil {
		return ""
	}
	return ": " + types.ObjectString(obj, types.RelativeTo(pkg))
}

// find looks up a name in the form that apidiff writes: F, T.M, (*T).M or (*T[P]).M.
func find(pkg *types.Package, name string) types.Object {
	first, member, _ := strings.Cut(strings.NewReplacer("(", "", ")", "", "*", "").Replace(name), ".")
	first, _, _ = strings.Cut(first, "[")
	obj := pkg.Scope().Lookup(first)
	if obj == nil || member == "" {
		return obj
	}
	found, _, _ := types.LookupFieldOrMethod(obj.Type(), true, pkg, member)
	return found
}
