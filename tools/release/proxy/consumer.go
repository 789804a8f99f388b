// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"iter"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/asynclocal/asynclocal/tools/release/internal/published"
)

// A consumer is a program that uses a published module.
type consumer struct {
	name   string
	gets   string // the module's directory
	source []byte
	want   string // what it prints
}

const gets = "// Consumer of "

// consumers reads the programs of a directory. Every published module must have one.
func consumers(dir string) (all []consumer, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	missing := map[string]bool{}
	for _, m := range published.Modules() {
		missing[m.Dir] = true
	}
	for _, e := range entries {
		c := consumer{name: e.Name()}
		if c.source, err = os.ReadFile(filepath.Join(dir, c.name, "main.go")); err != nil {
			return nil, err
		}
		want, err := os.ReadFile(filepath.Join(dir, c.name, "want.txt"))
		if err != nil {
			return nil, err
		}
		c.want = string(want)
		line, _, _ := strings.Cut(string(c.source), "\n")
		if c.gets = strings.TrimPrefix(line, gets); c.gets == line || c.want == "" {
			return nil, fmt.Errorf("consumer %s: want a first line %q with a module's directory, and something in want.txt", c.name, gets)
		}
		delete(missing, c.gets)
		all = append(all, c)
	}
	if len(missing) > 0 {
		return nil, fmt.Errorf("%s: no consumer of %q", dir, slices.Sorted(maps.Keys(missing)))
	}
	return all, nil
}

func (s *stranger) tryAll(dir, pattern string) error {
	all, err := consumers(dir)
	if err != nil {
		return err
	}
	var failed []error
	try := func(name string, f func() error) {
		began := time.Now()
		if err := f(); err != nil {
			failed = append(failed, fmt.Errorf("%s: %w", name, err))
			return
		}
		fmt.Printf("ok\t%s\t%.1fs\n", name, time.Since(began).Seconds())
	}
	for _, c := range all {
		if strings.Contains(c.name, pattern) {
			try(c.name, func() error { return s.try(c) })
		}
	}
	if pattern == "" {
		try("all, in any order", s.inAnyOrder)
	}
	return errors.Join(failed...)
}

// try does what a new user of the module does first. A program is installed and run on the consumer; a library
// is built into it.
func (s *stranger) try(c consumer) error {
	m := published.Module{Dir: c.gets}
	program := strings.HasPrefix(c.gets, "cmd/")
	needs := m
	if program {
		needs = published.Modules()[0]
	}
	dir, err := s.module(c.name, needs.Path())
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "main.go"), c.source, 0o644); err != nil {
		return err
	}
	got, err := s.use(dir, m, program)
	if err != nil {
		return err
	}
	if got != c.want {
		return fmt.Errorf("it prints\n%s\nwant\n%s", got, c.want)
	}
	return nil
}

func (s *stranger) use(dir string, m published.Module, program bool) (string, error) {
	if !program {
		if _, err := s.run(dir, "go", "build", "-o", "program", "."); err != nil {
			return "", err
		}
		return s.run(dir, filepath.Join(dir, "program"))
	}
	if _, err := s.run(dir, "go", "install", m.Path()+"@"+s.version); err != nil {
		return "", err
	}
	cmd := s.command(dir, s.path("bin", filepath.Base(m.Dir)), "vet", "./...")
	got, err := cmd.CombinedOutput()
	if cmd.ProcessState.ExitCode() != 1 {
		return "", fmt.Errorf("asynclocal vet: %w, want exit status 1 for what it finds\n%s", err, got)
	}
	return string(got), nil
}

// orders returns some of all orders: as listed, backwards, and from the middle.
func orders(paths []string) iter.Seq2[string, []string] {
	return func(yield func(string, []string) bool) {
		backwards := slices.Clone(paths)
		slices.Reverse(backwards)
		_ = yield("forwards", paths) && yield("backwards", backwards) &&
			yield("rotated", slices.Concat(paths[len(paths)/2:], paths[:len(paths)/2]))
	}
}
