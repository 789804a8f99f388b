// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/asynclocal/asynclocal/tools/release/internal/fileproxy"
	"github.com/asynclocal/asynclocal/tools/release/internal/published"
)

// stranger is a user with modules of his own. The module cache is that of this machine, because the build cache
// goes by its path: an empty one means to compile all of what others have published once more. So the version is
// one that is never published, with what the checkout says before the dash. Was it the version itself, a
// copy that stays behind would be taken for the published one some day.
type stranger struct {
	dir     string // all that is made, to be removed
	cache   string // the module cache
	version string
	env     []string
}

func newStranger(checkout, version string) (*stranger, error) {
	dir, err := os.MkdirTemp("", "stranger-")
	if err != nil {
		return nil, err
	}
	s := &stranger{dir: dir, version: fmt.Sprintf("%s-checkout.%d", version, time.Now().UnixNano())}
	if err := fileproxy.Write(checkout, s.path("proxy"), s.version); err != nil {
		s.close()
		return nil, err
	}
	out, err := exec.Command("go", "env", "GOMODCACHE", "GOPROXY").Output()
	if err != nil {
		s.close()
		return nil, fmt.Errorf("go env: %w", err)
	}
	var proxy string
	s.cache, proxy, _ = strings.Cut(strings.TrimSpace(string(out)), "\n")
	s.env = append(os.Environ(),
		// The module cache is a proxy too, as long as it is there: then the network is not asked.
		"GOPROXY=file://"+s.path("proxy")+",file://"+filepath.Join(s.cache, "cache/download")+","+proxy,
		// The database of sums cannot know our version; those of others were compared when they came.
		"GONOSUMDB=*", "GOFLAGS=-mod=mod -modcacherw", "GOBIN="+s.path("bin"), "GOWORK=off", "GOPRIVATE=", "GONOPROXY=")
	return s, nil
}

func (s *stranger) path(elem ...string) string {
	return filepath.Join(append([]string{s.dir}, elem...)...)
}

// close removes what the stranger has made, from the module cache too.
func (s *stranger) close() {
	_ = os.RemoveAll(s.dir)
	for _, m := range published.Modules() {
		path := filepath.Join(s.cache, filepath.FromSlash(m.Path()))
		_ = os.RemoveAll(path + "@" + s.version)
		for _, kind := range []string{"info", "mod", "zip", "ziphash", "lock"} {
			_ = os.Remove(filepath.Join(s.cache, "cache/download", filepath.FromSlash(m.Path()), "@v", s.version+"."+kind))
		}
	}
}

func (s *stranger) command(dir, name string, args ...string) *exec.Cmd {
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Env = dir, s.env
	return cmd
}

// run runs a program in a directory and returns what it prints on its standard output.
func (s *stranger) run(dir, name string, args ...string) (string, error) {
	cmd := s.command(dir, name, args...)
	var stdout, stderr strings.Builder
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return stdout.String(), fmt.Errorf("%s %s: %w\n%s%s", filepath.Base(name), strings.Join(args, " "), err, stdout.String(), stderr.String())
	}
	return stdout.String(), nil
}

// module makes an empty module, and gets what is named, one after another.
func (s *stranger) module(name string, paths ...string) (dir string, err error) {
	dir = s.path("modules", name)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	if _, err := s.run(dir, "go", "mod", "init", "example.com/"+name); err != nil {
		return "", err
	}
	for _, path := range paths {
		if _, err := s.run(dir, "go", "get", path+"@"+s.version); err != nil {
			return "", err
		}
	}
	return dir, nil
}

// inAnyOrder gets all modules in several orders, each in a module of its own, and wants the same of all: nothing
// may depend on what was there before.
func (s *stranger) inAnyOrder() error {
	var paths []string
	for _, m := range published.Modules() {
		paths = append(paths, m.Path())
	}
	var first string
	for name, order := range orders(paths) {
		dir, err := s.module(name, order...)
		if err != nil {
			return err
		}
		got, err := s.run(dir, "go", append([]string{"list", "-m"}, paths...)...)
		if err != nil {
			return err
		}
		if n := strings.Count(got, " "+s.version+"\n"); n != len(paths) {
			return fmt.Errorf("%s: want all %d modules at %s, got\n%s", name, len(paths), s.version, got)
		}
		all, err := s.run(dir, "go", "list", "-m", "all")
		_, all, _ = strings.Cut(all, "\n") // less the module itself
		if err != nil {
			return err
		}
		if first == "" {
			first = all
		} else if all != first {
			return fmt.Errorf("%s: other versions are selected than in another order:\n%s\nand\n%s", name, all, first)
		}
	}
	return nil
}
