// SPDX-License-Identifier: Apache-2.0

package repo_test

import (
	"encoding/json"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/asynclocal/asynclocal"
)

// modulesFile is the one list of the modules that are released.
const modulesFile = "tools/release/internal/published/modules.txt"

// A goMod is what go.mod files are held to here.
type goMod struct {
	dir     string
	Module  struct{ Path string }
	Require []struct{ Path, Version string }
	Replace []struct {
		Old, New struct{ Path, Version string }
	}
	Exclude []struct{ Path string }
}

// A module that is not released must not look like a product: a reader who finds its path would require it.
func TestEveryModuleIsPublishedOrItsPathSaysWhatItIsFor(t *testing.T) {
	t.Parallel()
	released, all := publishedDirs(t), goMods(t)
	for _, m := range all {
		if !slices.Contains(released, m.dir) && !saysItIsNoProduct(m.dir) {
			t.Errorf("%s is a module that %s does not list, and its path looks like one: list it, or name it …test", m.dir, modulesFile)
		}
	}
	for _, dir := range released {
		if !slices.ContainsFunc(all, func(m goMod) bool { return m.dir == dir }) {
			t.Errorf("%s lists %s, which is no module", modulesFile, dir)
		}
		if saysItIsNoProduct(dir) {
			t.Errorf("%s is published, and its path says that it is not", dir)
		}
	}
	if !slices.IsSorted(released) || len(released) == 0 || released[0] != "." {
		t.Errorf("%s is not sorted, or has no root: %q", modulesFile, released)
	}
}

func TestAPathThatSaysWhatAModuleIsForIsKnown(t *testing.T) {
	t.Parallel()
	for dir, want := range map[string]bool{
		".": false, "jobs/nats": false, "cmd/asynclocal": false, "asynctest/gin": false, "latest": false,
		"bench": true, "example": true, "example/composetest": true, "inspect/browsertest": true, "tools/release": true,
	} {
		if got := saysItIsNoProduct(dir); got != want {
			t.Errorf("%s: got %v, want %v", dir, got, want)
		}
	}
}

// saysItIsNoProduct is true of programs of the repository's own, and of what is …test of something.
func saysItIsNoProduct(dir string) bool {
	first, _, _ := strings.Cut(dir, "/")
	last := path.Base(dir)
	return slices.Contains([]string{"bench", "example", "tools"}, first) ||
		strings.HasSuffix(last, "test") && !slices.Contains([]string{"test", "latest", "asynctest"}, last)
}

// What go.mod says here is what a consumer gets, less replace and exclude, which are heeded in the main module
// alone: so the versions must be real ones, and the same everywhere.
func TestEveryModuleRequiresOneVersionOfOurs(t *testing.T) {
	t.Parallel()
	for _, m := range goMods(t) {
		for _, problem := range m.problems() {
			t.Errorf("%s/go.mod: %s", m.dir, problem)
		}
	}
}

func TestAGoModThatAConsumerCannotUseIsSeen(t *testing.T) {
	t.Parallel()
	const v = "v" + asynclocal.Version
	for name, tt := range map[string]struct{ dir, text, want string }{
		"as it should be": {"jobs/x", `{"Module": {"Path": "github.com/asynclocal/asynclocal/jobs/x"},
			"Require": [{"Path": "github.com/asynclocal/asynclocal", "Version": "` + v + `"}],
			"Replace": [{"Old": {"Path": "github.com/asynclocal/asynclocal"}, "New": {"Path": "../.."}}]}`, ""},
		"another path": {"jobs/x", `{"Module": {"Path": "github.com/asynclocal/asynclocal/jobs/y"}}`,
			"the module is github.com/asynclocal/asynclocal/jobs/y, want github.com/asynclocal/asynclocal/jobs/x"},
		"no real version": {"x", `{"Module": {"Path": "github.com/asynclocal/asynclocal/x"},
			"Require": [{"Path": "github.com/asynclocal/asynclocal", "Version": "v0.0.0"}],
			"Replace": [{"Old": {"Path": "github.com/asynclocal/asynclocal"}, "New": {"Path": ".."}}]}`,
			"requires github.com/asynclocal/asynclocal v0.0.0, and version.go says " + v + ": run go run ./tools/release"},
		"a sibling that is not replaced": {"x", `{"Module": {"Path": "github.com/asynclocal/asynclocal/x"},
			"Require": [{"Path": "github.com/asynclocal/asynclocal/jobs/nats", "Version": "` + v + `"}]}`,
			"no replace for github.com/asynclocal/asynclocal/jobs/nats: it cannot be built alone in the checkout"},
		"a program with a replace": {"cmd/asynclocal", `{"Module": {"Path": "github.com/asynclocal/asynclocal/cmd/asynclocal"},
			"Replace": [{"Old": {"Path": "github.com/asynclocal/asynclocal"}, "New": {"Path": "../.."}}]}`,
			"has a replace: go install …@version refuses it"},
		"another's module replaced": {"x", `{"Module": {"Path": "github.com/asynclocal/asynclocal/x"},
			"Replace": [{"Old": {"Path": "go.uber.org/zap"}, "New": {"Path": "../zap"}}]}`,
			"replaces go.uber.org/zap, which no consumer will"},
		"an exclude": {"x", `{"Module": {"Path": "github.com/asynclocal/asynclocal/x"}, "Exclude": [{"Path": "go.uber.org/zap"}]}`,
			"excludes go.uber.org/zap, which no consumer will"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := goMod{dir: tt.dir}
			if err := json.Unmarshal([]byte(tt.text), &m); err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(m.problems(), "\n"); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func (m goMod) problems() (problems []string) {
	say := func(words ...string) { problems = append(problems, strings.Join(words, "")) }
	if want := path.Join(module, m.dir); m.Module.Path != want {
		say("the module is ", m.Module.Path, ", want ", want)
	}
	program := strings.HasPrefix(m.dir, "cmd/")
	if program && len(m.Replace) > 0 {
		say("has a replace: go install …@version refuses it")
		return problems
	}
	for _, q := range m.Require {
		if !within(q.Path, module) {
			continue
		}
		if want := "v" + asynclocal.Version; q.Version != want {
			say("requires ", q.Path, " ", q.Version, ", and version.go says ", want, ": run go run ./tools/release")
		}
		if !program && !m.replaces(q.Path) {
			say("no replace for ", q.Path, ": it cannot be built alone in the checkout")
		}
	}
	for _, r := range m.Replace {
		if !within(r.Old.Path, module) {
			say("replaces ", r.Old.Path, ", which no consumer will")
		}
	}
	for _, e := range m.Exclude {
		say("excludes ", e.Path, ", which no consumer will")
	}
	return problems
}

func (m goMod) replaces(path string) bool {
	for _, r := range m.Replace {
		if r.Old.Path == path {
			return true
		}
	}
	return false
}

func TestThePageOfVersionsListsEveryModule(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("docs/versions.md")
	if err != nil {
		t.Fatal(err)
	}
	released := publishedDirs(t)
	for _, dir := range released {
		row := "\n| `" + path.Join(module, dir) + "` | `" + path.Join(dir, "vX.Y.Z") + "` |\n"
		if !strings.Contains(string(text), row) {
			t.Errorf("docs/versions.md has no row %q", strings.TrimSpace(row))
		}
	}
	if n := strings.Count(string(text), "/vX.Y.Z` |") + strings.Count(string(text), "`vX.Y.Z` |"); n != len(released) {
		t.Errorf("docs/versions.md lists %d modules, and %d are published", n, len(released))
	}
}

func publishedDirs(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile(modulesFile)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Fields(string(text))
}

// goMods reads the go.mod of every module of the checkout, but for those that are test data.
func goMods(t *testing.T) (all []goMod) {
	t.Helper()
	err := filepath.WalkDir(".", func(file string, d fs.DirEntry, err error) error {
		switch name := d.Name(); {
		case err != nil:
			return err
		case d.IsDir() && file != "." && (name == "testdata" || name == "node_modules" || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_")):
			return filepath.SkipDir
		case name == "go.mod":
			if _, err := os.Stat(file); err != nil { // the test cache does not see what go reads
				return err
			}
			out, err := exec.Command("go", "mod", "edit", "-json", file).Output()
			if err != nil {
				return err
			}
			m := goMod{dir: filepath.ToSlash(filepath.Dir(file))}
			all = append(all, m)
			return json.Unmarshal(out, &all[len(all)-1])
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 2 {
		t.Fatalf("only %d modules are found: nothing they say can be trusted", len(all))
	}
	return all
}
