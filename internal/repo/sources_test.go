// SPDX-License-Identifier: Apache-2.0

package repo_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The one place where the compiler's protection ends is the one place to review when the runtime
// changes. Sources are read, not listed: a build tag must not hide a file, and tests count.
func TestUnsafeAndLinknameLiveInInternalAmbientAlone(t *testing.T) {
	t.Parallel()
	files := sources(t)
	for _, file := range files {
		if strings.HasPrefix(file, "internal/ambient/") {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, use := range unsafeUses(t, file, text) {
			t.Error(use)
		}
	}
	if !slices.Contains(files, "internal/repo/sources_test.go") {
		t.Errorf("this file is not among the %d read: nothing they say can be trusted", len(files))
	}
}

func TestUnsafeUsesAreSeen(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, file, text, want string }{
		{"an import", "a.go", "package a\nimport \"unsafe\"", "a.go:2: imports unsafe"},
		{"a renamed import", "a_test.go", "package a\nimport u \"unsafe\"", "a_test.go:2: imports unsafe"},
		{"a linkname", "a.go", "package a\n//go:linkname f runtime.f\nfunc f()", "a.go:2: linkname"},
		{"behind a build tag", "a.go", "//go:build never\n\npackage a\nimport _ \"unsafe\"", "a.go:4: imports unsafe"},
		{"assembly", "a_arm64.s", "TEXT", "a_arm64.s:1: assembly"},
		{"the words in a string and a comment", "a.go", "package a\n// see unsafe\nconst s = `\n//go:linkname f g`", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := strings.Join(unsafeUses(t, tt.file, []byte(tt.text)), "\n"); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func unsafeUses(t *testing.T, file string, text []byte) (uses []string) {
	t.Helper()
	if strings.HasSuffix(file, ".s") {
		return []string{file + ":1: assembly"}
	}
	fset := token.NewFileSet()
	parsed, err := parser.ParseFile(fset, file, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	use := func(at ast.Node, what string) {
		uses = append(uses, fmt.Sprintf("%s:%d: %s", file, fset.Position(at.Pos()).Line, what))
	}
	for _, i := range parsed.Imports {
		if i.Path.Value == `"unsafe"` {
			use(i, "imports unsafe")
		}
	}
	for _, group := range parsed.Comments {
		for _, c := range group.List {
			if strings.HasPrefix(c.Text, "//go:linkname ") {
				use(c, "linkname")
			}
		}
	}
	return uses
}

// sources is every Go and assembly file of the checkout, in every module. What the go command
// ignores is ignored here.
func sources(t *testing.T) (files []string) {
	t.Helper()
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		switch name := d.Name(); {
		case err != nil:
			return err
		case d.IsDir() && path != "." && (name == "testdata" || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_")):
			return filepath.SkipDir
		case !d.IsDir() && (filepath.Ext(name) == ".go" || filepath.Ext(name) == ".s"):
			files = append(files, filepath.ToSlash(path))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
