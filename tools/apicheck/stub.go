// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"go/constant"
	"go/format"
	"go/types"
	"maps"
	"slices"
	"strings"
)

// A stub is a package's API as Go source. It has declarations without bodies. It has an unexported declaration only
// if something exported refers to it, or if it decides how something exported may be used.
type stub struct {
	pkg     *types.Package
	imports map[string]string // name by path
	decls   strings.Builder
	todo    []*types.TypeName
	done    map[*types.TypeName]bool
}

func stubOf(pkg *types.Package) ([]byte, error) {
	s := &stub{pkg: pkg, imports: map[string]string{}, done: map[*types.TypeName]bool{}}
	scope := pkg.Scope()
	for _, name := range scope.Names() { // sorted
		if obj := scope.Lookup(name); obj.Exported() {
			s.declare(obj)
		}
	}
	for len(s.todo) > 0 {
		obj := s.todo[0]
		s.todo = s.todo[1:]
		s.declare(obj)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "package %s\n\n", pkg.Name())
	for _, path := range slices.Sorted(maps.Keys(s.imports)) {
		fmt.Fprintf(&b, "import %s %q\n", s.imports[path], path)
	}
	b.WriteString(s.decls.String())
	source, err := format.Source([]byte(b.String()))
	if err != nil {
		return nil, fmt.Errorf("%s: what is written is no Go: %w\n%s", pkg.Path(), err, b.String())
	}
	return source, nil
}

func (s *stub) declare(obj types.Object) {
	switch obj := obj.(type) {
	case *types.Const:
		s.constant(obj)
	case *types.Var:
		fmt.Fprintf(&s.decls, "\nvar %s %s\n", obj.Name(), s.typ(obj.Type()))
	case *types.Func:
		fmt.Fprintf(&s.decls, "\nfunc %s%s\n", obj.Name(), s.signature(obj.Signature()))
	case *types.TypeName:
		if !s.done[obj] {
			s.done[obj] = true
			s.typeName(obj)
		}
	}
}

func (s *stub) constant(c *types.Const) {
	value := c.Val().ExactString()
	switch b, _ := c.Type().Underlying().(*types.Basic); {
	case c.Val().Kind() == constant.Float:
		f, _ := constant.Float64Val(c.Val())
		value = fmt.Sprintf("%e", f) // the exact value is a fraction, which would read as an integer
	case b != nil && b.Kind() == types.UntypedRune:
		n, _ := constant.Int64Val(c.Val())
		value = fmt.Sprintf("%q", rune(n))
	}
	typ := ""
	if b, ok := c.Type().(*types.Basic); !ok || b.Info()&types.IsUntyped == 0 {
		typ = s.typ(c.Type())
	}
	fmt.Fprintf(&s.decls, "\nconst %s %s = %s\n", c.Name(), typ, value)
}

func (s *stub) typeName(obj *types.TypeName) {
	if alias, ok := obj.Type().(*types.Alias); ok {
		fmt.Fprintf(&s.decls, "\ntype %s%s = %s\n", obj.Name(), s.typeParams(alias.TypeParams()), s.typ(alias.Rhs()))
		return
	}
	named, ok := obj.Type().(*types.Named)
	if !ok { // an alias, in the form that old compilers export
		fmt.Fprintf(&s.decls, "\ntype %s = %s\n", obj.Name(), s.typ(obj.Type()))
		return
	}
	fmt.Fprintf(&s.decls, "\ntype %s%s %s\n", obj.Name(), s.typeParams(named.TypeParams()), s.underlying(named.Underlying()))
	methods := slices.Collect(named.Methods())
	slices.SortFunc(methods, func(a, b *types.Func) int { return strings.Compare(a.Name(), b.Name()) })
	for _, m := range methods {
		if m.Exported() {
			fmt.Fprintf(&s.decls, "\nfunc (%s) %s%s\n", s.receiver(m), m.Name(), s.signature(m.Signature()))
		}
	}
}

// receiver returns a method's receiver, with its names for the type's parameters.
func (s *stub) receiver(m *types.Func) string {
	star, t := "", m.Signature().Recv().Type()
	if p, ok := t.(*types.Pointer); ok {
		star, t = "*", p.Elem()
	}
	name := t.(*types.Named).Obj().Name()
	var params []string
	for p := range m.Signature().RecvTypeParams().TypeParams() {
		params = append(params, p.Obj().Name())
	}
	if len(params) > 0 {
		name += "[" + strings.Join(params, ", ") + "]"
	}
	return star + name
}

// underlying returns the right side of a type declaration. Members are on separate lines, so that a difference can
// be read.
func (s *stub) underlying(t types.Type) string {
	switch t := t.(type) {
	case *types.Struct:
		return s.fields(t)
	case *types.Interface:
		var b strings.Builder
		for m := range t.ExplicitMethods() {
			fmt.Fprintf(&b, "%s%s\n", m.Name(), s.signature(m.Signature()))
		}
		for e := range t.EmbeddedTypes() {
			fmt.Fprintln(&b, s.typ(e))
		}
		return "interface {\n" + b.String() + "}"
	}
	return s.typ(t)
}

// fields returns the exported and the embedded fields, and one field in place of all others. Other packages see
// only that there are others, and whether they can be compared.
func (s *stub) fields(t *types.Struct) string {
	var b strings.Builder
	hidden, compares := false, true
	for f := range t.Fields() {
		switch {
		case f.Embedded():
			fmt.Fprintln(&b, s.typ(f.Type()))
		case f.Exported():
			fmt.Fprintln(&b, f.Name(), s.typ(f.Type()))
		default:
			hidden, compares = true, compares && types.Comparable(f.Type())
		}
	}
	switch {
	case hidden && compares:
		b.WriteString("_ struct{} // not exported\n")
	case hidden:
		b.WriteString("_ []struct{} // not exported, nor comparable\n")
	}
	return "struct {\n" + b.String() + "}"
}

func (s *stub) signature(sig *types.Signature) string {
	return s.typeParams(sig.TypeParams()) + strings.TrimPrefix(s.typ(types.NewSignatureType(nil, nil, nil, sig.Params(), sig.Results(), sig.Variadic())), "func")
}

func (s *stub) typeParams(list *types.TypeParamList) string {
	var params []string
	for p := range list.TypeParams() {
		params = append(params, p.Obj().Name()+" "+s.typ(p.Constraint()))
	}
	if len(params) == 0 {
		return ""
	}
	return "[" + strings.Join(params, ", ") + "]"
}

// typ returns a type as source, and notes the types and packages that it refers to.
func (s *stub) typ(t types.Type) string {
	s.visit(t)
	return types.TypeString(t, s.qualifier)
}

func (s *stub) qualifier(other *types.Package) string {
	if other == s.pkg {
		return ""
	}
	if name, ok := s.imports[other.Path()]; ok {
		return name
	}
	name := other.Name()
	for taken := func(name string) bool {
		return slices.Contains(slices.Collect(maps.Values(s.imports)), name) || s.pkg.Scope().Lookup(name) != nil
	}; taken(name); {
		name += "_"
	}
	s.imports[other.Path()] = name
	return name
}
