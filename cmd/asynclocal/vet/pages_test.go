// SPDX-License-Identifier: Apache-2.0

package vet_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/asynclocal/asynclocal/cmd/asynclocal/vet"
)

const pages = "../../../docs/vet"

// Each check has a page, which its findings point to, and whose code is of the program that the check
// is tested with.
func TestEachCheckHasAPageOfCodeThatIsTested(t *testing.T) {
	t.Parallel()
	index := read(t, filepath.Join(pages, "README.md"))
	for _, a := range vet.Analyzers(nil) {
		t.Run(a.Name, func(t *testing.T) {
			t.Parallel()
			page := read(t, filepath.Join(pages, a.Name+".md"))
			if !strings.HasPrefix(page, "# "+a.Name+"\n") {
				t.Errorf("the page of %s does not begin with its name", a.Name)
			}
			if !strings.Contains(index, "| ["+a.Name+"]("+a.Name+".md) |") {
				t.Errorf("the index does not have %s", a.Name)
			}
			if want := "/docs/vet/" + a.Name + ".md"; !strings.HasSuffix(a.URL, want) {
				t.Errorf("its URL is %s, want one that ends in %s", a.URL, want)
			}
			for _, block := range blocks(page) {
				compiled(t, block, a.Name)
			}
		})
	}
	for _, block := range blocks(index) {
		compiled(t, block, "directive")
	}
}

// compiled reports a block whose lines do not stand, in a row, in a program or what the fixes made
// of it.
func compiled(t *testing.T, block, name string) {
	t.Helper()
	want := strings.Join(lines(block), "\n")
	for _, suffix := range []string{".go", ".go.golden"} {
		text, err := os.ReadFile(filepath.Join("testdata", name, name+suffix))
		if err == nil && strings.Contains("\n"+strings.Join(lines(string(text)), "\n")+"\n", "\n"+want+"\n") {
			return
		}
	}
	t.Errorf("no program of %s has these lines in a row:\n%s", name, block)
}

var (
	fence   = regexp.MustCompile("(?s)\n```go\n(.*?)\n```\n")
	comment = regexp.MustCompile(`\s*(// seen )?// want .*$`)
)

func blocks(page string) (all []string) {
	for _, m := range fence.FindAllStringSubmatch(page, -1) {
		all = append(all, m[1])
	}
	return all
}

// lines is the lines of a text that say something, without what is for the test alone.
func lines(text string) (all []string) {
	for line := range strings.Lines(text) {
		if line = strings.Join(strings.Fields(comment.ReplaceAllString(strings.TrimSpace(line), "")), " "); line != "" {
			all = append(all, line)
		}
	}
	return all
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
