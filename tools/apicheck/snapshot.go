// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/txtar"
)

// snapshotFile returns the file that keeps a module's API.
func snapshotFile(root, dir string) string {
	if dir == "." {
		dir = "root"
	}
	return filepath.Join(root, "api", strings.ReplaceAll(dir, "/", "-")+".txt")
}

// text returns the stored form of an API: a stub of each package, under its path.
func (a api) text() ([]byte, error) {
	var archive txtar.Archive
	for _, path := range slices.Sorted(maps.Keys(a)) {
		source, err := stubOf(a[path])
		if err != nil {
			return nil, err
		}
		archive.Files = append(archive.Files, txtar.File{Name: path, Data: source})
	}
	return txtar.Format(&archive), nil
}

func (a api) write(file string) error {
	text, err := a.text()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	return os.WriteFile(file, text, 0o644)
}

// reader makes packages from stubs. An import is another stub, or else a package as compiled now.
type reader struct {
	stubs map[string][]byte
	now   map[string]*types.Package
	made  map[string]*types.Package
	fset  *token.FileSet
}

func newReader(now map[string]*types.Package) *reader {
	return &reader{map[string][]byte{}, now, map[string]*types.Package{}, token.NewFileSet()}
}

// add reads a snapshot, and returns the paths of its packages.
func (r *reader) add(file string) (paths []string, err error) {
	archive, err := txtar.ParseFile(file)
	if err != nil {
		return nil, err
	}
	for _, f := range archive.Files {
		r.stubs[f.Name] = f.Data
		paths = append(paths, f.Name)
	}
	return paths, nil
}

// Import implements [types.Importer].
func (r *reader) Import(path string) (*types.Package, error) {
	if p, ok := r.made[path]; ok {
		return p, nil
	}
	source, ok := r.stubs[path]
	if p := r.now[path]; !ok && p != nil {
		return p, nil
	} else if !ok {
		return nil, fmt.Errorf("no package %s: no module of ours needs it any more", path)
	}
	file, err := parser.ParseFile(r.fset, path, source, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	for _, d := range file.Decls { // bodies are ignored, but a generic function must have one
		if f, ok := d.(*ast.FuncDecl); ok && f.Body == nil {
			f.Body = &ast.BlockStmt{}
		}
	}
	config := types.Config{Importer: r, IgnoreFuncBodies: true}
	p, err := config.Check(path, r.fset, []*ast.File{file}, nil)
	if err != nil {
		return nil, err
	}
	r.made[path] = p
	return p, nil
}
