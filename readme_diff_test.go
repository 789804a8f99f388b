// SPDX-License-Identifier: Apache-2.0

package asynclocal_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// What the README, and the page for existing applications, add to an application is what is compiled here.
func TestTheLinesThatAreToBeAddedAreCompiled(t *testing.T) {
	t.Parallel()
	code, err := os.ReadFile("example_readme_test.go")
	if err != nil {
		t.Fatal(err)
	}
	var compiled []string
	for line := range strings.Lines(string(code)) {
		compiled = append(compiled, strings.TrimSpace(line))
	}
	for _, page := range []string{"README.md", "docs/existing.md"} {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		diff := regexp.MustCompile("(?s)```diff\n(.*?)```").FindStringSubmatch(string(text))
		if diff == nil {
			t.Fatalf("%s has no diff", page)
		}
		added := 0
		for line := range strings.Lines(diff[1]) {
			if line[0] == '-' {
				continue
			}
			if line[0] == '+' {
				added++
			}
			if !slices.Contains(compiled, strings.TrimSpace(line[1:])) {
				t.Errorf("%s: %s is not compiled", page, line)
			}
		}
		if added != 3 {
			t.Errorf("%s adds %d lines, and says three", page, added)
		}
	}
}
