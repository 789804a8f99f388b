// SPDX-License-Identifier: Apache-2.0

package repo_test

import (
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"
)

func TestEveryLinkOfTheDocumentationLeadsSomewhere(t *testing.T) {
	t.Parallel()
	for _, page := range pages(t) {
		t.Run(page, func(t *testing.T) {
			t.Parallel()
			for _, problem := range deadLinks(os.DirFS("."), page) {
				t.Error(problem)
			}
		})
	}
}

func TestDeadLinksAreSeen(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, text, want string }{
		{"a page and a heading of it", "see [b](b.md#a-heading-of-two-words), [c](../c) and [here](#top)\n\n# Top", ""},
		{"no such file", "see [b](no.md)", "docs/a.md: no.md: no such file"},
		{"no such heading", "[b](b.md#no)", "docs/a.md: b.md#no: no such heading"},
		{"no such heading on the same page", "[b](#no)", "docs/a.md: #no: no such heading"},
		{"a heading in code is none", "[b](#x)\n\n```sh\n# x\n```", "docs/a.md: #x: no such heading"},
		{"a picture", "![b](no.png)", "docs/a.md: no.png: no such file"},
		{"a reference", "see [b]\n\n[b]: no.md", "docs/a.md: no.md: no such file"},
		{"a link of no host", "[b](https:///x)", "docs/a.md: https:///x: not an address"},
		{"another site", "[b](https://example.com/x#y)", ""},
		{"code is no link", "`[b](no.md)`\n\n```go\nf[b](no.md)\n```", ""},
		{"the same heading twice", "[b](#x-1)\n\n# x\n\n## x", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			for file, text := range map[string]string{"docs/a.md": tt.text, "docs/b.md": "# b\n## A *heading* of `two` words!\n", "c/x": ""} {
				file = filepath.Join(dir, file)
				if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if got := strings.Join(deadLinks(os.DirFS(dir), "docs/a.md"), "\n"); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// pages are the Markdown files of the checkout.
func pages(t *testing.T) (found []string) {
	t.Helper()
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == ".git" || d.Name() == ".cache" || d.Name() == "node_modules"):
			return filepath.SkipDir
		case !d.IsDir() && filepath.Ext(path) == ".md":
			found = append(found, filepath.ToSlash(path))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

var (
	inlineLink = regexp.MustCompile(`\]\(([^)\s]+)(?: "[^"]*")?\)`)
	reference  = regexp.MustCompile(`(?m)^\[[^\]]+\]:\s+(\S+)`)
	codeSpan   = regexp.MustCompile("`[^`\n]*`")
)

// deadLinks says of each link of a page that leads nowhere why. Other sites are not asked.
func deadLinks(root fs.FS, page string) (problems []string) {
	text, err := fs.ReadFile(root, page)
	if err != nil {
		return []string{err.Error()}
	}
	prose := codeSpan.ReplaceAllString(withoutBlocks(string(text)), "")
	for _, m := range append(inlineLink.FindAllStringSubmatch(prose, -1), reference.FindAllStringSubmatch(prose, -1)...) {
		if problem := deadLink(root, page, m[1]); problem != "" {
			problems = append(problems, fmt.Sprintf("%s: %s: %s", page, m[1], problem))
		}
	}
	return problems
}

func deadLink(root fs.FS, page, link string) string {
	u, err := url.Parse(strings.Trim(link, "<>"))
	switch {
	case err != nil:
		return "not an address"
	case u.Scheme == "mailto":
		return ""
	case u.Scheme != "":
		if u.Host == "" {
			return "not an address"
		}
		return ""
	}
	target := page
	if u.Path != "" {
		target = path.Join(path.Dir(page), u.Path)
	}
	if _, err := fs.Stat(root, target); err != nil {
		return "no such file"
	}
	if u.Fragment == "" || path.Ext(target) != ".md" {
		return ""
	}
	text, err := fs.ReadFile(root, target)
	if err != nil {
		return err.Error()
	}
	if !headings(string(text))[u.Fragment] {
		return "no such heading"
	}
	return ""
}

// headings are the anchors that GitHub and pkg.go.dev give a page's headings.
func headings(text string) map[string]bool {
	found := map[string]bool{}
	for line := range strings.Lines(withoutBlocks(text)) {
		heading := strings.TrimLeft(line, "#")
		if len(heading) == len(line) || !strings.HasPrefix(heading, " ") {
			continue
		}
		anchor := anchorOf(heading)
		for n, a := 1, anchor; found[anchor]; n++ {
			anchor = fmt.Sprintf("%s-%d", a, n)
		}
		found[anchor] = true
	}
	return found
}

func anchorOf(heading string) string {
	heading = regexp.MustCompile(`\[([^\]]*)\]\([^)]*\)`).ReplaceAllString(heading, "$1")
	return strings.Map(func(r rune) rune {
		switch {
		case r == ' ':
			return '-'
		case unicode.IsLetter(r), unicode.IsDigit(r), r == '-', r == '_':
			return unicode.ToLower(r)
		}
		return -1
	}, strings.TrimSpace(heading))
}

// withoutBlocks is a page without its fenced blocks.
func withoutBlocks(text string) string {
	var prose strings.Builder
	fence := ""
	for line := range strings.Lines(text) {
		switch mark := fenceOf(strings.TrimSpace(line)); {
		case fence == "" && mark != "":
			fence = mark
		case fence == "":
			prose.WriteString(line)
		case strings.HasPrefix(mark, fence) && mark == strings.TrimSpace(line):
			fence = ""
		}
	}
	return prose.String()
}
