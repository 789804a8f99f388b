// SPDX-License-Identifier: Apache-2.0

package vet

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
)

// fix returns a suggested fix whose edits use a name of one of our packages, or the package itself
// if name is "": text has %s in its place. It is nil if the module does not have the package yet,
// because the result would not compile, and if the file uses the name for something else.
func (p *pass) fix(message string, at ast.Node, path, name string, edits ...edit) *analysis.SuggestedFix {
	file := p.enclosingFile(at)
	if !p.module.requires || file == nil {
		return nil
	}
	text, imported := selector(file, path, name)
	fix := &analysis.SuggestedFix{Message: message}
	if !imported {
		pkg, ok := p.freeName(file, path)
		if !ok {
			return nil
		}
		text = pkg + "." + name
		fix.TextEdits = append(fix.TextEdits, addImport(file, path, pkg))
	} else if root, _, qualified := strings.Cut(text, "."); qualified && !p.means(at, root, path) {
		return nil
	}
	for _, e := range edits {
		fix.TextEdits = append(fix.TextEdits, analysis.TextEdit{Pos: e.pos, End: e.end, NewText: []byte(strings.ReplaceAll(e.text, "%s", text))})
	}
	return fix
}

// An edit replaces the text from pos to end.
type edit struct {
	pos, end token.Pos
	text     string
}

func replace(n ast.Node, text string) edit { return edit{n.Pos(), n.End(), text} }

// around puts text before and after n.
func around(n ast.Node, before, after string) []edit {
	return []edit{{n.Pos(), n.Pos(), before}, {n.End(), n.End(), after}}
}

// means reports whether a name, at a place, is the package of that path, rather than a variable
// that shadows it.
func (p *pass) means(at ast.Node, name, path string) bool {
	scope := p.Pkg.Scope().Innermost(at.Pos())
	if scope == nil {
		return false
	}
	_, o := scope.LookupParent(name, at.Pos())
	pkg, ok := o.(*types.PkgName)
	return ok && pkg.Imported().Path() == path
}

// freeName returns a name for a package that is not used in the file.
func (p *pass) freeName(file *ast.File, path string) (string, bool) {
	base := path[strings.LastIndexByte(path, '/')+1:]
	for _, name := range []string{base, "async" + base} {
		if !p.uses(file, name) {
			return name, true
		}
	}
	return "", false
}

// uses reports whether a name means something anywhere in a file.
func (p *pass) uses(file *ast.File, name string) bool {
	if p.Pkg.Scope().Lookup(name) != nil {
		return true
	}
	for _, i := range file.Imports {
		if o := p.TypesInfo.PkgNameOf(i); o != nil && o.Name() == name {
			return true
		}
	}
	used := false
	ast.Inspect(file, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && id.Name == name {
			_, field := p.TypesInfo.ObjectOf(id).(*types.Var)
			used = used || !field || !p.TypesInfo.ObjectOf(id).(*types.Var).IsField()
		}
		return !used
	})
	return used
}

// addImport returns the edit that imports a package in a separate group, at the end of the file's
// imports: if two fixes add the same import, they are one.
func addImport(file *ast.File, path, name string) analysis.TextEdit {
	spec := fmt.Sprintf("%q", path)
	if !strings.HasSuffix(path, "/"+name) {
		spec = name + " " + spec
	}
	i := slices.IndexFunc(file.Decls, func(d ast.Decl) bool {
		g, ok := d.(*ast.GenDecl)
		return ok && g.Tok == token.IMPORT
	})
	if i < 0 {
		return insert(file.Name.End(), "\n\nimport "+spec)
	}
	decl := file.Decls[i].(*ast.GenDecl)
	if !decl.Rparen.IsValid() {
		return insert(decl.End(), "\nimport "+spec)
	}
	last := decl.Specs[len(decl.Specs)-1].(*ast.ImportSpec)
	first := strings.Trim(last.Path.Value, "`\"")
	if host, _, _ := strings.Cut(first, "/"); strings.Contains(host, ".") {
		return insert(last.End(), "\n\t"+spec)
	}
	return insert(last.End(), "\n\n\t"+spec)
}

func insert(at token.Pos, text string) analysis.TextEdit {
	return analysis.TextEdit{Pos: at, End: at, NewText: []byte(text)}
}
