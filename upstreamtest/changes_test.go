// SPDX-License-Identifier: Apache-2.0

package upstreamtest_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// outcomes are how tests ended: pass, fail or skip, by package and name.
type outcomes map[string]string

// Nothing that the tests of others say of their own code changes for this library's being
// there, but for what is listed.
func TestTheSuitesOfOthers(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("it compiles and runs the tests of four modules")
	}
	for _, s := range suites {
		t.Run(s.module, func(t *testing.T) {
			dir := t.TempDir()
			s.prepare(t, dir)
			without, with := s.outcomes(t, dir, false), s.outcomes(t, dir, true)
			if len(without) < 50 {
				t.Fatalf("%d tests ran", len(without))
			}
			changed := s.settle(t, dir, differing(without, with))
			compare(t, changed, s.listed(t))
			t.Logf("%d tests, %d of them change", len(without), len(changed))
		})
	}
}

// differing returns the tests that end otherwise in with, and as what.
func differing(without, with outcomes) map[string]bool {
	some := map[string]bool{}
	for name, was := range without {
		if with[name] != was {
			some[name] = true
		}
	}
	return some
}

// settle returns which tests change their outcome by themselves, and again: those of
// others wait for clocks, and this machine may be busy. Those that are listed and have
// not changed are asked again as well.
func (s *suite) settle(t *testing.T, dir string, first map[string]bool) map[string]bool {
	t.Helper()
	const rounds = 3
	listed := s.listed(t)
	open := maps.Clone(first)
	maps.Copy(open, listed)
	changed := maps.Clone(open)
	for range rounds {
		if len(open) == 0 {
			break
		}
		names := slices.Sorted(maps.Keys(open))
		differ := differing(s.outcomes(t, dir, false, names...), s.outcomes(t, dir, true, names...))
		for name := range open {
			switch {
			case first[name] && !differ[name]: // it was by chance
				delete(changed, name)
				delete(open, name)
			case !first[name] && differ[name]: // that it did not was
				delete(open, name)
			}
		}
	}
	for name := range open {
		if !first[name] {
			delete(changed, name)
		}
	}
	return changed
}

// outcomes runs the tests, of some names if those are given.
func (s *suite) outcomes(t *testing.T, dir string, hooked bool, names ...string) outcomes {
	t.Helper()
	all := outcomes{}
	for _, d := range s.dirs {
		args := []string{"tool", "test2json", "-p", s.path(d), binary(dir, d), "-test.v=test2json"}
		if tops := s.tops(d, names); len(tops) > 0 {
			args = append(args, "-test.run", "^("+strings.Join(tops, "|")+")$")
		} else if len(names) > 0 {
			continue
		}
		c := command(t, filepath.Join(dir, "hooked", d), "go", args...)
		if hooked {
			c.Env = append(c.Env, variable+"=1")
		}
		out, _ := c.Output() // that a test fails is an outcome, too
		all.add(t, out)
	}
	return all
}

// tops are the top-level tests that names, which begin with a package, are of in d.
func (s *suite) tops(d string, names []string) (tops []string) {
	for _, name := range names {
		if pkg, test, _ := strings.Cut(name, " "); pkg == s.path(d) {
			top, _, _ := strings.Cut(test, "/")
			tops = append(tops, regexp.QuoteMeta(top))
		}
	}
	return slices.Compact(tops)
}

func (all outcomes) add(t *testing.T, out []byte) {
	t.Helper()
	for line := range bytes.Lines(out) {
		var e struct{ Action, Package, Test string }
		if json.Unmarshal(line, &e) != nil {
			t.Fatalf("test2json says %s", line)
		}
		switch e.Action {
		case "pass", "fail", "skip":
			if e.Test != "" {
				all[e.Package+" "+e.Test] = e.Action
			}
		}
	}
}

// listed are the changes that have a reason.
func (s *suite) listed(t *testing.T) map[string]bool {
	t.Helper()
	all := map[string]bool{}
	for line := range strings.Lines(read(t, "testdata/changes.txt")) {
		if line = strings.TrimSpace(line); line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, reason, ok := strings.Cut(line, ": ")
		if !ok || reason == "" {
			t.Fatalf("%q has no reason", line)
		}
		if strings.HasPrefix(name, s.module+" ") || strings.HasPrefix(name, s.module+"/") {
			all[name] = true
		}
	}
	return all
}

func compare(t *testing.T, changed, listed map[string]bool) {
	t.Helper()
	for _, name := range slices.Sorted(maps.Keys(changed)) {
		if !listed[name] {
			t.Errorf("%s changes its outcome", name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(listed)) {
		if !changed[name] {
			t.Errorf("%s does not change its outcome any more: take it off the list", name)
		}
	}
}
