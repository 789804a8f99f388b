// SPDX-License-Identifier: Apache-2.0

package vet

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/types/typeutil"
)

const (
	rootPath    = "github.com/asynclocal/asynclocal"
	storePath   = rootPath + "/store"
	tracingPath = rootPath + "/tracing"
)

// callee returns the function or method that a call names, for a generic function its declaration;
// nil for a function value, a conversion and a builtin.
func callee(info *types.Info, call *ast.CallExpr) *types.Func {
	if f, ok := typeutil.Callee(info, call).(*types.Func); ok {
		return f.Origin()
	}
	return nil
}

// isFunc reports whether f is one of the functions of a package.
func isFunc(f *types.Func, pkg string, names ...string) bool {
	return f != nil && pkgPath(f) == pkg && f.Signature().Recv() == nil && slices.Contains(names, f.Name())
}

// isMethod reports whether f is one of the methods of a named type, or interface.
func isMethod(f *types.Func, pkg, typ string, names ...string) bool {
	return f != nil && slices.Contains(names, f.Name()) && recvName(f) == typ && pkgPath(f) == pkg
}

// pkgPath returns "" for an object that belongs to no package: the method of error.
func pkgPath(o types.Object) string {
	if o.Pkg() == nil {
		return ""
	}
	return o.Pkg().Path()
}

// recvName returns the name of the type that a method belongs to; "" for a function.
func recvName(f *types.Func) string {
	if recv := f.Signature().Recv(); recv != nil {
		if n := named(recv.Type()); n != nil {
			return n.Obj().Name()
		}
	}
	return ""
}

// named returns the named type that t is, or points to; nil if it is neither.
func named(t types.Type) *types.Named {
	if ptr, ok := types.Unalias(t).(*types.Pointer); ok {
		t = ptr.Elem()
	}
	n, _ := types.Unalias(t).(*types.Named)
	return n
}

// isNamed reports whether t is a named type, or points to it.
func isNamed(t types.Type, pkg, name string) bool {
	n := named(t)
	return n != nil && n.Obj().Name() == name && pkgPath(n.Obj()) == pkg
}

func isContext(t types.Type) bool { return isNamed(t, "context", "Context") }

func isFuncType(t types.Type) bool {
	_, ok := t.Underlying().(*types.Signature)
	return ok
}

// display returns a function as it is written in code: "time.AfterFunc", "(*Pool).Submit".
func display(f *types.Func) string {
	recv := f.Signature().Recv()
	switch {
	case recv != nil && types.IsInterface(recv.Type()), recv != nil && named(recv.Type()) == nil:
		return recvName(f) + "." + f.Name()
	case recv != nil:
		star := ""
		if _, ok := types.Unalias(recv.Type()).(*types.Pointer); ok {
			star = "*"
		}
		return "(" + star + f.Pkg().Name() + "." + recvName(f) + ")." + f.Name()
	case f.Pkg() == nil:
		return f.Name()
	}
	return f.Pkg().Name() + "." + f.Name()
}

// variable returns the variable that an expression is, including a field, or nil.
func variable(info *types.Info, e ast.Expr) *types.Var {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		v, _ := info.ObjectOf(e).(*types.Var)
		return v
	case *ast.SelectorExpr:
		v, _ := info.ObjectOf(e.Sel).(*types.Var)
		return v
	}
	return nil
}

func isPackageLevel(v *types.Var) bool {
	return v != nil && !v.IsField() && v.Pkg() != nil && v.Parent() == v.Pkg().Scope()
}

func isNil(info *types.Info, e ast.Expr) bool { return info.Types[e].IsNil() }

// enclosingFile returns the file of this package that n is in.
func (p *pass) enclosingFile(n ast.Node) *ast.File {
	for _, f := range p.Files {
		if f.FileStart <= n.Pos() && n.Pos() < f.FileEnd {
			return f
		}
	}
	return nil
}

// selector returns a name of a package as this file writes it, and whether the file imports the
// package.
func selector(f *ast.File, path, name string) (text string, imported bool) {
	for _, i := range f.Imports {
		if strings.Trim(i.Path.Value, "`\"") != path {
			continue
		}
		switch {
		case i.Name == nil:
			return path[strings.LastIndexByte(path, '/')+1:] + "." + name, true
		case i.Name.Name == "_":
			continue
		case i.Name.Name == ".":
			return name, true
		}
		return i.Name.Name + "." + name, true
	}
	return "", false
}
