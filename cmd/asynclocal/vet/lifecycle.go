// SPDX-License-Identifier: Apache-2.0

package vet

import (
	"go/ast"
	"go/types"
	"regexp"
	"strings"
)

var lifecycle = regexp.MustCompile(`^(?i:new|make|create|must|build|setup|init|start|run|serve|listen|open|dial|connect|close|stop|shutdown|` +
	`watch|loop|poll|main|register|migrate|load|monitor|bootstrap|launch|execute|terminate|cleanup|consume|subscribe|schedule|worker|daemon|background|reload|refresh|test|bench)`)

// isLifecycle reports whether a function's name says that it is for a program or a part of it, not
// for a request. A program's check of its own health starts and ends with the program.
func isLifecycle(name string) bool {
	if strings.Contains(strings.ToLower(name), "health") {
		return true
	}
	word := strings.TrimSuffix(lifecycle.FindString(name), "_")
	if word == "" {
		return false
	}
	// "new" and "newServer" match, but "news" is another word.
	rest := name[len(word):]
	return rest == "" || rest[0] < 'a' || rest[0] > 'z'
}

// runsOn reports whether a function has a loop that only a return or a break can end.
func runsOn(info *types.Info, body ast.Node) (on bool) {
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ForStmt:
			on = on || n.Cond == nil
		case *ast.RangeStmt:
			_, isChan := info.TypeOf(n.X).Underlying().(*types.Chan)
			on = on || isChan
		case *ast.FuncLit:
			return n == body
		}
		return !on
	})
	return on
}
