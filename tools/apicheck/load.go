// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"go/types"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"
)

// published reads the list of released modules.
func published(root string) ([]string, error) {
	text, err := os.ReadFile(filepath.Join(root, "tools/release/internal/published/modules.txt"))
	return strings.Fields(string(text)), err
}

// api holds the packages that one module exports, by path.
type api map[string]*types.Package

// load compiles, in the workspace of the checkout, the packages of every module that others can import. It returns
// them and, by path, all their dependencies.
func load(root string, dirs []string) (all map[string]api, deps map[string]*types.Package, err error) {
	all, deps = map[string]api{}, map[string]*types.Package{}
	var patterns []string
	for _, dir := range dirs {
		all[dir] = api{}
		patterns = append(patterns, "./"+dir+"/...")
	}
	pkgs, err := packages.Load(&packages.Config{
		Mode: packages.NeedName | packages.NeedTypes | packages.NeedModule | packages.NeedImports | packages.NeedDeps,
		Dir:  root,
		Env:  append(os.Environ(), "GOWORK="+filepath.Join(root, "go.work"), "GOFLAGS="),
	}, patterns...)
	if err != nil {
		return nil, nil, err
	}
	for _, p := range pkgs {
		if len(p.Errors) > 0 {
			return nil, nil, fmt.Errorf("%s: %w", p.PkgPath, p.Errors[0])
		}
		if p.Module == nil {
			return nil, nil, fmt.Errorf("%s is of no module", p.PkgPath)
		}
		dir, err := filepath.Rel(root, p.Module.Dir)
		if err != nil {
			return nil, nil, err
		}
		if m, ok := all[filepath.ToSlash(dir)]; ok && importable(p) {
			m[p.PkgPath] = p.Types
		}
	}
	for dir, m := range all {
		if len(m) == 0 && !strings.HasPrefix(dir, "cmd/") {
			return nil, nil, errors.New("no packages in " + dir)
		}
	}
	packages.Visit(pkgs, nil, func(p *packages.Package) { deps[p.PkgPath] = p.Types })
	return all, deps, nil
}

func importable(p *packages.Package) bool {
	return p.Name != "main" && !slices.Contains(strings.Split(p.PkgPath, "/"), "internal")
}
