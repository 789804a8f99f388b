// SPDX-License-Identifier: Apache-2.0

package middleware_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// absent are the options that a package does not have, and why.
var absent = map[string]string{
	"nethttp.WithOnError":          "a handler of net/http returns no error",
	"middleware.WithRoute":         "Echo knows the route",
	"echov5.WithRoute":             "Echo knows the route",
	"gin.WithRoute":                "Gin knows the route",
	"gin.WithOnError":              "any middleware of Gin's sees c.Errors",
	"middleware.WithScheme":        "Echo v4 is told by its SchemeExtractor",
	"middleware.WithClientAddress": "Echo is told by its IPExtractor",
	"echov5.WithClientAddress":     "Echo is told by its IPExtractor",
}

// Who goes from one server to another finds the options that he knows: under the same
// name, with the same parameters but for the framework's context.
func TestOptionsHaveNamesakes(t *testing.T) {
	t.Parallel()
	packages := map[string]map[string]*ast.FuncDecl{
		"middleware": optionsIn(t, "."), "nethttp": optionsIn(t, "nethttp"), "echov5": optionsIn(t, "echov5"), "gin": optionsIn(t, "gin"),
	}
	takes := map[string]string{}
	for _, options := range packages {
		for name, f := range options {
			if signature := parameters(f); takes[name] == "" {
				takes[name] = signature
			} else if takes[name] != signature {
				t.Errorf("%s takes (%s) in one package and (%s) in another", name, takes[name], signature)
			}
		}
	}
	if len(takes) < 20 {
		t.Fatalf("found only %d options", len(takes))
	}
	for pkg, options := range packages {
		for name := range takes {
			switch reason := absent[pkg+"."+name]; {
			case options[name] == nil && reason == "":
				t.Errorf("package %s has no %s: add it, or say here why not", pkg, name)
			case options[name] != nil && reason != "":
				t.Errorf("package %s has %s, though %s", pkg, name, reason)
			}
		}
	}
	for of := range absent {
		if _, name, _ := strings.Cut(of, "."); takes[name] == "" {
			t.Errorf("%s is excused, and no package has it", of)
		}
	}
}

// What is written twice may become two things, so an option is either made of the framework's
// context or adapter's own.
func TestAnOptionIsThatOfAdapter(t *testing.T) {
	t.Parallel()
	for _, pkg := range []string{".", "nethttp", "echov5", "gin"} {
		t.Run(pkg, func(t *testing.T) {
			t.Parallel()
			checkForwarding(t, pkg)
		})
	}
}

func checkForwarding(t *testing.T, pkg string) {
	t.Helper()
	forwarded := 0
	for name, f := range optionsIn(t, pkg) {
		call := returned(f)
		if call == nil {
			t.Errorf("%s is more than a call", name)
			continue
		}
		called := types.ExprString(call.Fun)
		if called == "adapter.Extend" {
			continue
		}
		forwarded++
		if called != "adapter."+name || arguments(call) != strings.Join(handedOn(f), ", ") {
			t.Errorf("%s(%s) is %s", name, strings.Join(handedOn(f), ", "), types.ExprString(call))
		}
		if !strings.Contains(f.Doc.Text(), "[adapter."+name+"]") {
			t.Errorf("%s does not say where it is described", name)
		}
	}
	if forwarded < 15 {
		t.Errorf("found only %d options of adapter's", forwarded)
	}
}

// optionsIn returns the functions of the package in dir that are options.
func optionsIn(t *testing.T, dir string) map[string]*ast.FuncDecl {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		if _, err := os.Stat(dir); os.IsNotExist(err) {
			t.Skipf("%s is a module of its own, and not in this checkout", dir)
		}
	}
	options := map[string]*ast.FuncDecl{}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range parsed.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && strings.HasPrefix(f.Name.Name, "With") {
				options[f.Name.Name] = f
			}
		}
	}
	return options
}

// parameters are the types of f's, the context of any framework as one.
func parameters(f *ast.FuncDecl) string {
	var all []string
	for _, p := range f.Type.Params.List {
		for range p.Names {
			all = append(all, types.ExprString(p.Type))
		}
	}
	return strings.NewReplacer("*echo.Context", "*http.Request", "*gin.Context", "*http.Request", "echo.Context", "*http.Request").Replace(strings.Join(all, ", "))
}

// handedOn are the names of f's parameters, as they are handed on.
func handedOn(f *ast.FuncDecl) (all []string) {
	for _, p := range f.Type.Params.List {
		for _, name := range p.Names {
			if _, variadic := p.Type.(*ast.Ellipsis); variadic {
				name = ast.NewIdent(name.Name + "...")
			}
			all = append(all, name.Name)
		}
	}
	return all
}

func arguments(call *ast.CallExpr) string {
	var all []string
	for _, a := range call.Args {
		all = append(all, types.ExprString(a))
	}
	if call.Ellipsis.IsValid() {
		all[len(all)-1] += "..."
	}
	return strings.Join(all, ", ")
}

// returned is the call that f is, nil if it is not one.
func returned(f *ast.FuncDecl) *ast.CallExpr {
	if len(f.Body.List) != 1 {
		return nil
	}
	ret, ok := f.Body.List[0].(*ast.ReturnStmt)
	if !ok || len(ret.Results) != 1 {
		return nil
	}
	call, _ := ret.Results[0].(*ast.CallExpr)
	return call
}
