// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/asynclocal/asynclocal/tools/release/internal/published"
)

var monday = time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)

// clone is a fresh clone of the checkout that the test is in, as it is committed.
func clone(t *testing.T) string {
	t.Helper()
	checkout, err := published.Checkout()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(checkout, ".git")); err != nil {
		t.Skip("not in a git checkout")
	}
	dir := filepath.Join(repository(t, nil), "clone")
	run(t, ".", "git", "clone", "-q", "--no-tags", "--depth=1", "file://"+checkout, dir)
	put(t, dir, map[string]string{changelogFile: news})
	commit(t, dir)
	return dir
}

const news = "# Changelog\n\n## [Unreleased]\n\n### Added\n\n- A thing.\n"

// repository is a small one of two modules, with files of the test's own.
func repository(t *testing.T, files map[string]string) string {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("no git")
	}
	dir := t.TempDir()
	run(t, dir, "git", "init", "-q")
	put(t, dir, map[string]string{
		changelogFile:   news,
		"version.go":    "package asynclocal\n\nconst Version = \"0.1.0\"\n",
		"doc.go":        "package asynclocal\n",
		"go.mod":        "module " + published.Root + "\n",
		"nested/go.mod": "module " + published.Root + "/nested\n\nrequire " + published.Root + " v0.1.0\n",
	})
	put(t, dir, files)
	commit(t, dir)
	return dir
}

func put(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for file, text := range files {
		file = filepath.Join(dir, file)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func commit(t *testing.T, dir string) {
	t.Helper()
	run(t, dir, "git", "add", "-A")
	run(t, dir, "git", "-c", "user.name=test", "-c", "user.email=test@example.com", "commit", "-q", "--allow-empty", "-m", "test")
}

func run(t *testing.T, dir, name string, args ...string) string {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOPROXY=off", "GOFLAGS=")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %v\n%s", cmd, err, out)
	}
	return string(out)
}

func read(t *testing.T, dir, file string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, file))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestAReleaseIsPreparedInEveryModuleOnceAndForAll(t *testing.T) {
	t.Parallel()
	dir := clone(t)
	r := release{dir, "v0.7.0", monday}
	first, err := r.prepare()
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{"version.go", "CHANGELOG.md", "jobs/nats/go.mod", "cmd/asynclocal/go.mod", "bench/go.mod"} {
		if !slices.Contains(first, file) {
			t.Errorf("%s is not changed, only %q", file, first)
		}
	}
	if got := read(t, dir, "version.go"); !strings.Contains(got, "\nconst Version = \"0.7.0\"\n") {
		t.Errorf("the version is not written: %s", got)
	}
	for line := range strings.Lines(run(t, dir, "git", "grep", "-hE", "^(require )?\\s*github.com/asynclocal/asynclocal[^ ]* v", "--", "*go.mod")) {
		if fields := strings.Fields(line); fields[len(fields)-1] != "v0.7.0" {
			t.Errorf("a go.mod requires %s", line)
		}
	}
	// The workspace still is one, and so is a module outside of it.
	run(t, dir, "go", "list", "./...", "./cmd/asynclocal/...")
	run(t, filepath.Join(dir, "jobs/nats"), "env", "GOWORK=off", "go", "list", "./...")

	r.today = monday.AddDate(0, 0, 1)
	commit(t, dir)
	again, err := r.prepare()
	if err != nil || len(again) != 0 || run(t, dir, "git", "status", "--porcelain") != "" {
		t.Errorf("a second run changes %q, and says %v", again, err)
	}
}

func TestASecondRunBeforeTheCommitChangesNothing(t *testing.T) {
	t.Parallel()
	dir := repository(t, nil)
	r := release{dir, "v0.7.0", monday}
	first, err := r.prepare()
	if err != nil {
		t.Fatal(err)
	}
	before := run(t, dir, "git", "diff")
	second, err := r.prepare()
	if err != nil || !slices.Equal(first, second) || run(t, dir, "git", "diff") != before {
		t.Errorf("a second run changes %q, after %q, and says %v", second, first, err)
	}
	put(t, dir, map[string]string{"version.go": "package asynclocal\n\nconst Version = \"0.7.0\" // mine\n"})
	if _, err := r.prepare(); err == nil || !strings.Contains(err.Error(), "version.go is not committed, and is not what this release writes") {
		t.Errorf("another change to a file of the release: %v", err)
	}
}

func TestWhatIsLeftToAPersonIsPrinted(t *testing.T) {
	t.Parallel()
	got := release{version: "v0.7.0"}.instructions([]string{"CHANGELOG.md", "version.go"})
	for _, line := range []string{
		"v0.7.0 is prepared, in CHANGELOG.md, version.go.\n",
		"\ngit commit -am 'Release v0.7.0'\n",
		"\ngit tag -a v0.7.0 -m v0.7.0\n",
		"\ngit tag -a jobs/nats/v0.7.0 -m jobs/nats/v0.7.0\n",
		"\ngit push --atomic origin main v0.7.0 cmd/asynclocal/v0.7.0 ",
	} {
		if !strings.Contains(got, line) {
			t.Errorf("no %q in\n%s", line, got)
		}
	}
	if got := (release{version: "v0.7.0"}).instructions(nil); strings.Contains(got, "git commit") {
		t.Errorf("nothing is to be committed, and it says\n%s", got)
	}
}

func TestWhatIsNoReleaseIsRefused(t *testing.T) {
	t.Parallel()
	const released = "# Changelog\n\n## [Unreleased]\n\n- More.\n\n## [0.7.0] - 2026-11-30\n\n- A thing.\n"
	for name, tt := range map[string]struct {
		version   string
		committed map[string]string
		dirty     map[string]string
		tag       string
		want      string
	}{
		"no version":           {version: "0.7.0", want: `version "0.7.0": want one like v0.1.0`},
		"a short version":      {version: "v0.7", want: `version "v0.7": want one like`},
		"build metadata":       {version: "v0.7.0+x", want: `version "v0.7.0+x": want one like`},
		"a new major version":  {version: "v2.0.0", want: "would have to end in /v2"},
		"a changed source":     {version: "v0.7.0", dirty: map[string]string{"doc.go": "package x"}, want: "doc.go is not committed"},
		"a new file":           {version: "v0.7.0", dirty: map[string]string{"x.go": "package x"}, want: "x.go is not committed"},
		"a changed go.mod":     {version: "v0.7.0", dirty: map[string]string{"go.mod": "module x\n"}, want: "go.mod is not committed, and is not what this release writes"},
		"a lower version":      {version: "v0.6.9", committed: map[string]string{changelogFile: released}, want: "version v0.6.9: v0.7.0 is higher, and released"},
		"a version before it":  {version: "v0.7.0-rc.1", committed: map[string]string{changelogFile: released}, want: "v0.7.0 is higher"},
		"the same with more":   {version: "v0.7.0", committed: map[string]string{changelogFile: released}, want: "there is more under Unreleased"},
		"a lower one by tag":   {version: "v0.6.0", tag: "v0.7.0", want: "there is a tag v0.7.0, which is higher"},
		"one that has its tag": {version: "v0.7.0", tag: "v0.7.0", want: "there is a tag of it, of which this checkout would differ in CHANGELOG.md"},
		"no news":              {version: "v0.7.0", committed: map[string]string{changelogFile: "## [Unreleased]\n\n### Added\n\n"}, want: "nothing under Unreleased"},
		"no news since":        {version: "v0.8.0", committed: map[string]string{changelogFile: strings.Replace(released, "- More.\n", "", 1)}, want: "nothing under Unreleased"},
		"no section":           {version: "v0.7.0", committed: map[string]string{changelogFile: "# Changelog\n"}, want: `want one line "## [Unreleased]"`},
		"no constant":          {version: "v0.7.0", committed: map[string]string{"version.go": "package asynclocal\n"}, want: "version.go: no const Version"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := repository(t, tt.committed)
			if tt.tag != "" {
				run(t, dir, "git", "tag", tt.tag)
			}
			put(t, dir, tt.dirty)
			before := run(t, dir, "git", "diff")
			changed, err := release{dir, tt.version, monday}.prepare()
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("want an error with %q, got %v, changed %q", tt.want, err, changed)
			}
			if run(t, dir, "git", "diff") != before {
				t.Error("what is refused has been written")
			}
		})
	}
}

func TestTheChangelogOfTwoReleases(t *testing.T) {
	t.Parallel()
	text := "# Changelog\n\nAll of it.\n\n## [Unreleased]\n\n### Added\n\n- One.\n"
	for _, r := range []release{{version: "v0.1.0", today: monday}, {version: "v0.2.0", today: monday.AddDate(0, 1, 0)}} {
		out, err := r.changelog(changelogFile, []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		same, err := r.changelog(changelogFile, out)
		if err != nil || string(same) != string(out) {
			t.Errorf("a second time: %v\n%s", err, same)
		}
		text = string(out)
		if r.version == "v0.1.0" {
			text = strings.Replace(text, unreleased, unreleased+"\n- Two.\n", 1)
		}
	}
	const want = `# Changelog

All of it.

## [Unreleased]

## [0.2.0] - 2026-12-30

- Two.

## [0.1.0] - 2026-11-30

### Added

- One.

[Unreleased]: https://github.com/asynclocal/asynclocal/compare/v0.2.0...HEAD
[0.2.0]: https://github.com/asynclocal/asynclocal/compare/v0.1.0...v0.2.0
[0.1.0]: https://github.com/asynclocal/asynclocal/releases/tag/v0.1.0
`
	if text != want {
		t.Errorf("got\n%s\nwant\n%s", text, want)
	}
}
