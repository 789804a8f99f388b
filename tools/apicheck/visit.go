// SPDX-License-Identifier: Apache-2.0

package main

import "go/types"

// visit finds the unexported types of this package that a type refers to. They are declared too.
func (s *stub) visit(t types.Type) {
	switch t := t.(type) {
	case *types.Alias:
		s.need(t.Obj())
		s.visitAll(t.TypeArgs())
	case *types.Named:
		s.need(t.Obj())
		s.visitAll(t.TypeArgs())
	case *types.Pointer:
		s.visit(t.Elem())
	case *types.Slice:
		s.visit(t.Elem())
	case *types.Array:
		s.visit(t.Elem())
	case *types.Chan:
		s.visit(t.Elem())
	case *types.Map:
		s.visit(t.Key())
		s.visit(t.Elem())
	case *types.Signature:
		s.visit(t.Params())
		s.visit(t.Results())
	case *types.Tuple:
		for v := range t.Variables() {
			s.visit(v.Type())
		}
	case *types.Struct:
		for f := range t.Fields() {
			s.visit(f.Type())
		}
	case *types.Interface:
		for m := range t.ExplicitMethods() {
			s.visit(m.Type())
		}
		for e := range t.EmbeddedTypes() {
			s.visit(e)
		}
	case *types.Union:
		for term := range t.Terms() {
			s.visit(term.Type())
		}
	}
}

func (s *stub) visitAll(list *types.TypeList) {
	for t := range list.Types() {
		s.visit(t)
	}
}

func (s *stub) need(obj *types.TypeName) {
	if obj.Pkg() == s.pkg && !obj.Exported() && !s.done[obj] {
		s.todo = append(s.todo, obj)
	}
}
