// SPDX-License-Identifier: Apache-2.0

package vet_test

import (
	"path/filepath"
	"slices"
	"testing"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/analysistest"

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

// patterns is the program of each check.
func patterns() (all []string) {
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
