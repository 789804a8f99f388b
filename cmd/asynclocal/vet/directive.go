// SPDX-License-Identifier: Apache-2.0

package vet

import (
	"go/ast"
	"go/token"
	"strings"
)

const directiveDoc = `report //asynclocal:ignore directives that say nothing

A directive on the line of a finding, or on the line above it, takes the finding away. It has to say
why: the next reader wants to know whether the reason still holds. One without a reason is reported,
and so is a comment that was meant to be one.`

const ignore = "//asynclocal:ignore"

// directive shows its sites whatever a report says: they are about the code's text, not about what
// it does.
func directive(p *pass) {
	for _, f := range p.Files {
		for _, d := range directives(f) {
			if d.reason == "" {
				p.Reportf(d.pos, "%s without a reason: say why the context may be lost here", ignore)
			}
		}
		for _, c := range comments(f) {
			if text := strings.TrimLeft(strings.TrimPrefix(c.Text, "//"), " \t"); text != strings.TrimPrefix(c.Text, "//") &&
				strings.HasPrefix(text, ignore[len("//"):]) {
				p.Reportf(c.Pos(), "this is a comment, and ignores nothing: a directive has no space, %s", ignore)
			} else if strings.HasPrefix(c.Text, "//asynclocal:") && !isDirective(c.Text) {
				p.Reportf(c.Pos(), "there is no directive %s; the one there is, is %s reason", strings.Fields(c.Text)[0], ignore)
			}
		}
	}
}

// An ignoring is a directive.
type ignoring struct {
	pos    token.Pos
	reason string
}

func directives(f *ast.File) (all []ignoring) {
	for _, c := range comments(f) {
		if isDirective(c.Text) {
			all = append(all, ignoring{c.Pos(), reason(c.Text)})
		}
	}
	return all
}

func comments(f *ast.File) (all []*ast.Comment) {
	for _, g := range f.Comments {
		all = append(all, g.List...)
	}
	return all
}

func isDirective(text string) bool {
	rest, ok := strings.CutPrefix(text, ignore)
	return ok && (rest == "" || rest[0] == ' ' || rest[0] == '\t')
}

// reason returns the reason that a directive gives. A comment in it does not count.
func reason(text string) string {
	text, _, _ = strings.Cut(strings.TrimPrefix(text, ignore), "//")
	return strings.TrimSpace(text)
}
