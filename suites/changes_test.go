// SPDX-License-Identifier: Apache-2.0

package suites_test

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
			without, with := s.outcomes(t, dir, false, ""), s.outcomes(t, dir, true, "")
			if len(without) < 50 {
				t.Fatalf("%d tests ran", len(without))
			}
			changed := map[string]bool{}
			for name, was := range without {
				if is := with[name]; was != is && s.stays(t, dir, name) {
					changed[name] = true
				}
			}
			compare(t, changed, s.listed(t))
			t.Logf("%d tests, %d of them change", len(without), len(changed))
		})
	}
}

// stays reports whether a test that has changed its outcome does so by itself and again:
// those of others wait for clocks, and this machine may be busy.
func (s *suite) stays(t *testing.T, dir, name string) bool {
	t.Helper()
	top, _, _ := strings.Cut(name[strings.LastIndexByte(name, ' ')+1:], "/")
	for range 3 {
		if s.outcomes(t, dir, false, top)[name] == s.outcomes(t, dir, true, top)[name] {
			return false
		}
	}
	return true
}

// outcomes runs the tests, of one name if that is given.
func (s *suite) outcomes(t *testing.T, dir string, hooked bool, name string) outcomes {
	t.Helper()
	all := outcomes{}
	for _, d := range s.dirs {
		args := []string{"tool", "test2json", "-p", s.path(d), binary(dir, d), "-test.v=test2json"}
		if name != "" {
			args = append(args, "-test.run", "^"+regexp.QuoteMeta(name)+"$")
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
