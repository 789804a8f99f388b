// SPDX-License-Identifier: Apache-2.0

package vet_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/analysistest"
	"golang.org/x/tools/go/analysis/checker"
	"golang.org/x/tools/go/packages"

	"github.com/asynclocal/asynclocal/cmd/asynclocal/vet"
)

// programs is the module of the programs that the checks are tested with.
func programs(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs("testdata")
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// patterns is the program of each check, and two that have the names that fixes write.
func patterns() []string {
	all := []string{"./names", "./hidden"}
	for _, a := range vet.Analyzers(nil) {
		all = append(all, "./"+a.Name)
	}
	return all
}

// every is an analyzer that runs every check: a program that is meant for one must be silent in all
// others, and its packages are loaded once.
func every(c *vet.Config) *analysis.Analyzer {
	checks := vet.Analyzers(c)
	all := &analysis.Analyzer{Name: "every", Doc: "run every check"}
	for _, a := range checks {
		for _, r := range a.Requires {
			if !slices.Contains(all.Requires, r) {
				all.Requires = append(all.Requires, r)
			}
		}
	}
	all.Run = func(p *analysis.Pass) (any, error) {
		for _, a := range checks {
			own := *p
			own.Analyzer = a
			if _, err := a.Run(&own); err != nil {
				return nil, err
			}
		}
		return nil, nil
	}
	return all
}

// The program of each check has what it finds, what it does not, and the corrected twin of what it
// finds; and beside it is what the fixes make of it.
func TestChecks(t *testing.T) {
	t.Parallel()
	analysistest.RunWithSuggestedFixes(t, programs(t), every(nil), patterns()...)
}

// What the fixes make of a program compiles against the real packages, and has nothing left to fix.
func TestWhatIsFixedIsSilent(t *testing.T) {
	t.Parallel()
	if raceDetector {
		t.Skip("it loads all that TestChecks does, for minutes under the race detector")
	}
	goldens, err := filepath.Glob(filepath.Join(programs(t), "*", "*.go.golden"))
	if err != nil {
		t.Fatal(err)
	}
	fixed := map[string][]byte{}
	for _, golden := range goldens {
		fixed[strings.TrimSuffix(golden, ".golden")] = []byte(read(t, golden))
	}
	pkgs, err := packages.Load(&packages.Config{
		Mode:    packages.LoadAllSyntax | packages.NeedModule,
		Dir:     programs(t),
		Env:     append(os.Environ(), "GOWORK=off", "GOPROXY=off", "GOFLAGS="),
		Overlay: fixed,
	}, patterns()...)
	if err != nil {
		t.Fatal(err)
	}
	if packages.PrintErrors(pkgs) > 0 {
		t.Fatal("what is fixed does not compile")
	}
	result, err := checker.Analyze([]*analysis.Analyzer{every(nil)}, pkgs, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, root := range result.Roots {
		if root.Err != nil {
			t.Error(root.Err)
		}
		for _, d := range root.Diagnostics {
			if len(d.SuggestedFixes) > 0 {
				t.Errorf("%s: %s", root.Package.Fset.Position(d.Pos), d.Message)
			}
		}
	}
	if len(goldens) < 10 || len(result.Roots) != len(patterns()) {
		t.Errorf("%d programs were fixed and %d looked at", len(goldens), len(result.Roots))
	}
}
