// SPDX-License-Identifier: Apache-2.0

package repo_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// What a reader copies out of the documentation must compile, so every Go block of README.md and
// docs/ is looked up, line for line, in the files that the workspace compiles.
func TestEveryGoBlockOfTheDocumentationIsCompiled(t *testing.T) {
	t.Parallel()
	pages, err := filepath.Glob("docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	code := compiled(t)
	for _, page := range append(pages, "README.md") {
		t.Run(page, func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(page)
			if os.IsNotExist(err) {
				t.Skip("this checkout has no such page")
			} else if err != nil {
				t.Fatal(err)
			}
			for _, problem := range check(page, string(text), code) {
				t.Error(problem)
			}
		})
	}
}

func TestADocumentationBlockThatIsNotCompiledIsSeen(t *testing.T) {
	t.Parallel()
	code := []source{
		{"decoy_test.go", lines("r.Run(ctx, func() {\n\tother()\n})")},
		{"example_test.go", lines("func Example() {\n\tr.Run(ctx, func() {\n\n\t\tfmt.Println( r.ID() )\n\t})\n}")},
	}
	const good = "```go\nr.Run(ctx, func() {\n    fmt.Println( r.ID() )\n})\n```\n"
	tests := []struct{ name, page, want string }{
		{"a block in a compiled file, however it is indented", good, ""},
		{"a second block after a first", good + "text\n" + strings.ReplaceAll(good, "r.ID", "r.Id"),
			`page.md:9: no compiled file has this line after the ones above it (decoy_test.go comes closest): fmt.Println( r.Id() )`},
		{"a first line that no file has", "```go\nnope()\n```",
			`page.md:2: no compiled file has this line: nope()`},
		{"the right lines in two files are not one block", "```go\nother()\nr.Run(ctx, func() {\n```",
			`page.md:3: no compiled file has this line after the ones above it (decoy_test.go comes closest): r.Run(ctx, func() {`},
		{"lines with others between them", "```go\nr.Run(ctx, func() {\n})\n```",
			`page.md:3: no compiled file has this line after the ones above it (decoy_test.go comes closest): })`},
		{"a block in a list", "- so:\n\n  ```go\n  nope()\n  ```", `page.md:4: no compiled file has this line: nope()`},
		{"tildes, more of them, and a title", "~~~~ Go title\nnope()\n```\n~~~~", `page.md:2: no compiled file has this line: nope()`},
		{"another language", "```sh\ngo test work\n```", ""},
		{"output, marked so", "<!-- output -->\n\n```\nnope()\n```", ""},
		{"Go is not output", "<!-- output -->\n```go\nnope()\n```", `page.md:3: no compiled file has this line: nope()`},
		{"a block of no language could hide code", "```\nnope()\n```",
			"page.md:1: a block of no language: name it, or write <!-- output --> above it"},
		{"a block of no lines shows nothing", "```go\n\n```", "page.md:1: an empty block"},
		{"a fence left open", "```go\nother()", "page.md:1: a fence that is never closed"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := strings.Join(check("page.md", tt.page, code), "\n"); got != tt.want {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
		})
	}
}

// check returns a sentence for each block of a page that breaks the rule.
func check(page, text string, code []source) (problems []string) {
	for _, b := range blocks(text) {
		problem := b.problem
		line := b.line
		if problem == "" && b.isGo() {
			line, problem = b.missing(code)
		}
		if problem != "" {
			problems = append(problems, fmt.Sprintf("%s:%d: %s", page, line, problem))
		}
	}
	return problems
}

// A source is a compiled file's lines, normalised as a block's are.
type source struct {
	file  string
	lines []codeLine
}

// compiled reads the Go files that a build or test of the workspace compiles.
func compiled(t *testing.T) (code []source) {
	t.Helper()
	for _, p := range goList(t).sorted() {
		if p.DepOnly {
			continue
		}
		for _, name := range slices.Concat(p.GoFiles, p.CgoFiles, p.TestGoFiles, p.XTestGoFiles) {
			file := filepath.Join(p.Dir, name)
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			code = append(code, source{file, lines(string(text))})
		}
	}
	return code
}
