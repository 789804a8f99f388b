// SPDX-License-Identifier: Apache-2.0

package main

import (
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"path/filepath"
	"strings"
	"testing"
)

const path = "example.com/lib"

// before is a package with one of everything that a stub has to say.
const before = `package lib

import "context"

type Option interface{ apply(*config) }

type config struct{ n int }

type Storage[T any] struct{ name string; value func() T }

func New[T any, P interface{ *T; comparable }](name string, opts ...Option) *Storage[T] { panic(name) }

func (s *Storage[T]) Get() T { panic(s) }
func (s *Storage[T]) hidden() {}
func (s Storage[T]) With(ctx context.Context, value T) context.Context { return ctx }

type Kind uint8

const Small Kind = 3
const Ratio = 0.1
const Letter = 'x'
const Name = "a \"name\""

var Default = config{}

type Plain struct{ A, B int; c string }
type Fields struct{ Plain; F func(f ...string) map[Kind][]chan<- error }
type Writer interface{ Write([]byte) (int, error); context.Context }
type Alias = map[string][]Kind

func Take(context context.Context, k Kind) (n int, err error) { return }
`

func check(t *testing.T, source string) *types.Package {
	t.Helper()
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "lib.go", source, 0)
	if err != nil {
		t.Fatal(err)
	}
	p, err := (&types.Config{Importer: importer.Default()}).Check(path, fset, []*ast.File{file}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// changes keeps the first source as a snapshot, reads that, and compares the second one with it.
func changes(t *testing.T, first, second string) (said string, breaks int) {
	t.Helper()
	old, now := check(t, first), check(t, second)
	file := filepath.Join(t.TempDir(), "api", "root.txt")
	if err := (api{path: old}).write(file); err != nil {
		t.Fatal(err)
	}
	everything := map[string]*types.Package{}
	for _, p := range append(now.Imports(), old.Imports()...) {
		everything[p.Path()] = p
	}
	r := newReader(everything)
	paths, err := r.add(file)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	breaks = compare(&b, paths, r, api{path: now})
	return b.String(), breaks
}

func TestWhatHasNotChangedIsNotReported(t *testing.T) {
	t.Parallel()
	if said, breaks := changes(t, before, before); said != "" || breaks != 0 {
		t.Errorf("%d breaks:\n%s", breaks, said)
	}
}

func TestAStubSaysNothingOfWhatNobodySees(t *testing.T) {
	t.Parallel()
	stub, err := stubOf(check(t, before))
	if err != nil {
		t.Fatal(err)
	}
	other, err := stubOf(check(t, strings.NewReplacer("{ n int }", "{ m string }", "hidden", "covered", "c string", "d bool").Replace(before)))
	if err != nil {
		t.Fatal(err)
	}
	if string(stub) != string(other) {
		t.Errorf("got\n%s\nwant\n%s", other, stub)
	}
}

func TestChangesAreNamedWithBothSignatures(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ old, new, want string }{
		"a parameter": {"k Kind)", "k uint8)",
			"BREAK example.com/lib: Take: changed from func(context.Context, Kind) (int, error) to func(context.Context, uint8) (int, error)\n"},
		"a parameter's name": {"k Kind)", "kind Kind)", ""},
		"a method that goes": {"func (s *Storage[T]) Get() T { panic(s) }", "",
			"BREAK example.com/lib: (*Storage[T]).Get: removed: func (*Storage[T]).Get() T\n"},
		"a function that goes": {"func Take(context context.Context, k Kind) (n int, err error) { return }", "",
			"BREAK example.com/lib: Take: removed: func Take(context context.Context, k Kind) (n int, err error)\n"},
		"a function that comes": {"type Kind uint8", "type Kind uint8\nfunc (Kind) String() string { return \"\" }\nfunc More(n int) {}",
			"new   example.com/lib: Kind.String: added: func (Kind).String() string\nnew   example.com/lib: More: added: func More(n int)\n"},
		"a method of an interface": {"interface{ Write(", "interface{ Flush(); Write(", "BREAK example.com/lib: Writer.Flush: added: func (Writer).Flush()\n"},
		"one that others cannot have": {"interface{ apply(*config) }", "interface{ apply(*config); More() }",
			"new   example.com/lib: Option.More: added: func (Option).More()\n"},
		"a struct that cannot be compared any more": {"c string }", "c []string }", "BREAK example.com/lib: Plain: old is comparable, new is not\n"},
		"a constant's value":                        {"Kind = 3", "Kind = 4", "BREAK example.com/lib: Small: value changed from 3 to 4\n"},
		"a constraint": {"func New[T any", "func New[T comparable",
			"BREAK example.com/lib: New: changed from func[T any, P interface{*T; comparable}](string, ...Option) *Storage[T] to func[T comparable, P interface{*T; comparable}](string, ...Option) *Storage[T]\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			after := strings.Replace(before, tt.old, tt.new, 1)
			if after == before {
				t.Fatal("nothing is changed")
			}
			said, breaks := changes(t, before, after)
			if said != tt.want || breaks != strings.Count(tt.want, "BREAK") {
				t.Errorf("%d breaks:\n%swant\n%s", breaks, said, tt.want)
			}
		})
	}
}

func TestPackagesThatComeAndGoAreNamed(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	p := check(t, before)
	r := newReader(nil)
	r.stubs["example.com/gone"] = []byte("package gone\n")
	breaks := compare(&b, []string{"example.com/gone"}, r, api{path: p})
	if want := "BREAK example.com/gone: the package is removed\nnew   example.com/lib: the package is added\n"; b.String() != want || breaks != 1 {
		t.Errorf("%d breaks:\n%swant\n%s", breaks, b.String(), want)
	}
}

func TestAStubOfWhatIsNoLongerThereIsABreak(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	r := newReader(nil)
	r.stubs[path] = []byte("package lib\n\nimport zap \"go.uber.org/zap\"\n\nvar L *zap.Logger\n")
	if breaks := compare(&b, []string{path}, r, api{path: check(t, before)}); breaks != 1 || !strings.Contains(b.String(), "no package go.uber.org/zap: no module of ours needs it any more") {
		t.Errorf("%d breaks:\n%s", breaks, b.String())
	}
}
