// SPDX-License-Identifier: Apache-2.0

package vet

import (
	"go/ast"
	"go/types"
)

// A handler is a function that serves a request, and the way to the request's ctx in it.
type handler struct {
	node ast.Node // a FuncDecl or FuncLit
	ctx  string   // an expression; "" if the parameter has no name
}

// requestTypes are the parameter types that make a function a handler, and the ctx of each.
var requestTypes = []struct{ pkg, name, ctx string }{
	{"net/http", "Request", ".Context()"},
	{"github.com/labstack/echo/v4", "Context", ".Request().Context()"},
	{"github.com/labstack/echo/v5", "Context", ".Request().Context()"},
	{"github.com/labstack/echo", "Context", ".Request().Context()"},
	{"github.com/gin-gonic/gin", "Context", ".Request.Context()"},
}

// isRequest reports whether t is one of the types that a handler is given.
func isRequest(t types.Type) bool {
	for _, r := range requestTypes {
		if isNamed(t, r.pkg, r.name) {
			return true
		}
	}
	return false
}

// handlerOf returns the handler that a function is, or nil. A function that returns a handler, or
// makes requests itself, is not a handler.
func handlerOf(info *types.Info, fn ast.Node) *handler {
	params := paramsOf(fn)
	if params == nil || !isServer(info, params) {
		return nil
	}
	for _, field := range params.List {
		for _, t := range requestTypes {
			if !isNamed(info.TypeOf(field.Type), t.pkg, t.name) {
				continue
			}
			h := &handler{node: fn}
			if len(field.Names) == 1 && field.Names[0].Name != "_" {
				h.ctx = field.Names[0].Name + t.ctx
			}
			return h
		}
	}
	return nil
}

// isServer excludes functions that merely take an http.Request: a client, a RoundTripper.
func isServer(info *types.Info, params *ast.FieldList) bool {
	var request, writer bool
	for _, field := range params.List {
		t := info.TypeOf(field.Type)
		request = request || isNamed(t, "net/http", "Request")
		writer = writer || isNamed(t, "net/http", "ResponseWriter")
	}
	return !request || writer
}

func paramsOf(fn ast.Node) *ast.FieldList {
	switch fn := fn.(type) {
	case *ast.FuncDecl:
		return fn.Type.Params
	case *ast.FuncLit:
		return fn.Type.Params
	}
	return nil
}
