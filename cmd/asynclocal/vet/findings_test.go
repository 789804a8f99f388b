// SPDX-License-Identifier: Apache-2.0

package vet_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/analysistest"

	"github.com/asynclocal/asynclocal/cmd/asynclocal/vet"
	"github.com/asynclocal/asynclocal/doctor/report"
)

// What doctor has seen is found, however unlikely, and nothing else is: in whatever way the program
// was built.
func TestAReportSaysWhatIsFound(t *testing.T) {
	t.Parallel()
	source := filepath.Join(programs(t), "seen", "seen.go")
	c := &vet.Config{Findings: write(t, seenIn(t, source)) + "#digest"}
	analysistest.RunWithSuggestedFixes(t, programs(t), analyzer(t, c, "timer"), "./seen")
}

// seenIn is a report of the lines of a file that are marked as seen, under each of the names that a
// file may have; of every other one as a call that led to a line in another file.
func seenIn(t *testing.T, source string) (r report.Report) {
	t.Helper()
	text, err := os.ReadFile(source)
	if err != nil {
		t.Fatal(err)
	}
	names := []string{
		source,                              // as the compiler had it
		"example.com/programs/seen/seen.go", // of a program built with -trimpath
		"seen/seen.go",                      // in the module
	}
	for i, line := range strings.Split(string(text), "\n") {
		if !strings.Contains(line, "// seen") {
			continue
		}
		place := fmt.Sprintf("%s:%d", names[len(r.Findings)%len(names)], i+1)
		f := report.Finding{Kind: "orphan-line", Where: place, Count: 1}
		if len(r.Findings)%2 == 1 {
			f.Where, f.Stack = "/elsewhere/log.go:1", []string{"/elsewhere/log.go:1", place}
		}
		r.Findings = append(r.Findings, f)
	}
	if len(r.Findings) < 4 {
		t.Fatalf("%d lines of %s are marked as seen", len(r.Findings), source)
	}
	return r
}

func write(t *testing.T, r report.Report) string {
	t.Helper()
	var b bytes.Buffer
	if err := r.Write(&b); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "report.json")
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestAReportThatCannotBeReadIsAnError(t *testing.T) {
	t.Parallel()
	broken := filepath.Join(t.TempDir(), "broken.json")
	if err := os.WriteFile(broken, []byte(`{"version": 2}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		broken:           "version is 2, want 1",
		broken + ".none": "findings: open",
	} {
		a := analyzer(t, &vet.Config{Findings: path}, "timer")
		if _, err := a.Run(&analysis.Pass{Analyzer: a}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q in it", path, err, want)
		}
		if path != broken {
			if _, err := a.Run(&analysis.Pass{Analyzer: a}); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("%s: got %v, want os.ErrNotExist", path, err)
			}
		}
	}
}

func analyzer(t *testing.T, c *vet.Config, name string) *analysis.Analyzer {
	t.Helper()
	for _, a := range vet.Analyzers(c) {
		if a.Name == name {
			return a
		}
	}
	t.Fatalf("there is no check %s", name)
	return nil
}
