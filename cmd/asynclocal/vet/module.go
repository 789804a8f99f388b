// SPDX-License-Identifier: Apache-2.0

package vet

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
	"golang.org/x/tools/go/analysis"
)

// A module is the module that a package belongs to, as far as it can be read beside the source. A
// module that cannot be read requires nothing.
type module struct {
	dir      string // "" if there is no go.mod
	requires bool   // it requires our module, or is our module
}

// usage is what a module does, anywhere in it, about its HTTP clients.
type usage struct {
	tracing    bool // it imports package tracing, or a middleware, which brings its own spans
	transports bool // it replaces http.DefaultTransport or http.DefaultClient
}

func moduleOf(p *analysis.Pass) *module {
	m := &module{}
	if len(p.Files) > 0 {
		m.dir = moduleDir(filepath.Dir(p.Fset.Position(p.Files[0].Package).Filename))
	}
	m.requires = m.dir != "" && requires(filepath.Join(m.dir, "go.mod"))
	return m
}

func moduleDir(dir string) string {
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		up := filepath.Dir(dir)
		if up == dir {
			return ""
		}
		dir = up
	}
}

// requires reports whether a module requires the one that store and tracing are in, so that code
// that imports them compiles.
func requires(gomod string) bool {
	text, err := os.ReadFile(gomod)
	if err != nil {
		return false
	}
	f, err := modfile.ParseLax(gomod, text, nil)
	if err != nil {
		return false
	}
	if f.Module != nil && f.Module.Mod.Path == rootPath {
		return true
	}
	for _, r := range f.Require {
		if r.Mod.Path == rootPath {
			return true
		}
	}
	return false
}

// scan reads the sources of a module: a package is analyzed without the packages that import it,
// and the one that sets up tracing imports all others.
func (m *module) scan() (u usage) {
	m.sources(func(text []byte) bool {
		u.tracing = u.tracing || importsOf(text, rootPath, func(path string) bool {
			return path == tracingPath || within(path, rootPath+"/middleware")
		})
		u.transports = u.transports || defaultReplaced.Match(text)
		return !u.tracing || !u.transports
	})
	return u
}

// imports reports whether another package of its module imports the package.
func (m *module) imports(path string) (found bool) {
	m.sources(func(text []byte) bool {
		found = importsOf(text, path, func(p string) bool { return p == path })
		return !found
	})
	return found
}

// importsOf reports whether a source imports a path that match returns true for. It is parsed only
// if it contains text, which all such paths contain.
func importsOf(source []byte, text string, match func(path string) bool) bool {
	if !bytes.Contains(source, []byte(text)) {
		return false
	}
	f, err := parser.ParseFile(token.NewFileSet(), "", source, parser.ImportsOnly)
	return err == nil && slices.ContainsFunc(f.Imports, func(i *ast.ImportSpec) bool {
		return match(strings.Trim(i.Path.Value, "`\""))
	})
}

// sources calls f with each non-test source of the module, until f returns false. Sources that
// cannot be read are skipped.
func (m *module) sources(f func(text []byte) bool) {
	if m.dir == "" {
		return
	}
	_ = filepath.WalkDir(m.dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return nil //nolint:nilerr // skipped, as the comment above says
		case d.IsDir():
			return skipDir(m.dir, path, d.Name())
		case !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		if text, err := os.ReadFile(path); err == nil && !f(text) {
			return fs.SkipAll
		}
		return nil
	})
}

func skipDir(root, path, name string) error {
	if path == root {
		return nil
	}
	if name == "vendor" || name == "testdata" || name == "node_modules" || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") {
		return filepath.SkipDir
	}
	if _, err := os.Stat(filepath.Join(path, "go.mod")); err == nil {
		return filepath.SkipDir
	}
	return nil
}

var defaultReplaced = regexp.MustCompile(`\bhttp\.Default(Transport|Client|Client\.Transport)\s*=[^=]`)

// ModuleState returns a text that changes when the checks' knowledge of the module around a
// directory does, apart from the package that they look at: whether it has our packages, and what
// it does about its HTTP clients. It is for drivers that cache results.
func ModuleState(dir string) string {
	dir = moduleDir(dir)
	if dir == "" {
		return "no module"
	}
	return fmt.Sprintf("requires=%t %+v", requires(filepath.Join(dir, "go.mod")), (&module{dir: dir}).scan())
}
