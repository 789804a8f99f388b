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

// stranger is a user with separate modules. The module cache is that of this machine, because the build cache is
// keyed by its path: with an empty one, all dependencies would be compiled again. So the version is one that is
// never published, with the checkout's version before the dash. With the checkout's version itself, a copy that
// stays behind would some day be taken for the published one.
type stranger struct {
	dir     string // holds all created files, to be removed
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
		// The module cache serves as a proxy too, as far as it goes, so that the network is not asked.
		"GOPROXY=file://"+s.path("proxy")+",file://"+filepath.Join(s.cache, "cache/download")+","+proxy,
		// The checksum database cannot know our version. The sums of other modules were checked when they were
		// downloaded.
		"GONOSUMDB=*", "GOFLAGS=-mod=mod -modcacherw", "GOBIN="+s.path("bin"), "GOWORK=off", "GOPRIVATE=", "GONOPROXY=")
	return s, nil
}

func (s *stranger) path(elem ...string) string {
	return filepath.Join(append([]string{s.dir}, elem...)...)
}

// close removes all files that the stranger has made, from the module cache too.
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

// run runs a program in a directory and returns its standard output.
func (s *stranger) run(dir, name string, args ...string) (string, error) {
	cmd := s.command(dir, name, args...)
	var stdout, stderr strings.Builder
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return stdout.String(), fmt.Errorf("%s %s: %w\n%s%s", filepath.Base(name), strings.Join(args, " "), err, stdout.String(), stderr.String())
	}
	return stdout.String(), nil
}

// module makes an empty module, and gets the paths one after another.
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

// inAnyOrder gets all modules in several orders, each in a separate module. All must select the same versions:
// nothing may depend on what was there before.
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
		_, all, _ = strings.Cut(all, "\n") // without the module itself
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
