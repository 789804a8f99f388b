// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/asynclocal/asynclocal/tools/release/internal/published"
)

// pulled holds the dependencies that a published module brings with it.
type pulled struct {
	module published.Module
	deps   []dependency
}

type dependency struct{ path, license string }

// pulls returns the modules that the packages of m need, without those of this repository.
func pulls(checkout string, m published.Module) (pulled, error) {
	cmd := exec.Command("go", "list", "-deps", "-f", "{{with .Module}}{{.Path}}\t{{.Dir}}{{end}}", "./...")
	cmd.Dir = filepath.Join(checkout, m.Dir)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return pulled{}, fmt.Errorf("%s: go list: %w\n%s", m.Path(), err, stderr.String())
	}
	dirs := map[string]string{}
	for line := range strings.Lines(string(out)) {
		path, dir, ok := strings.Cut(strings.TrimSpace(line), "\t")
		if ok && path != published.Root && !strings.HasPrefix(path, published.Root+"/") {
			dirs[path] = dir
		}
	}
	p := pulled{module: m}
	for path, dir := range dirs {
		license, err := licenseOf(dir)
		if err != nil {
			return pulled{}, fmt.Errorf("%s: %w", path, err)
		}
		p.deps = append(p.deps, dependency{path, license})
	}
	slices.SortFunc(p.deps, func(a, b dependency) int { return cmp.Compare(a.path, b.path) })
	return p, nil
}

// both separates the licenses of a module that has several license files.
const both = " and "

// licenseOf reads the license files in the root directory of a module. If there are several, all of
// them count.
func licenseOf(dir string) (string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return "", err
	}
	var found []string
	for _, e := range entries {
		name := strings.ToUpper(e.Name())
		if e.IsDir() || !strings.HasPrefix(name, "LICEN") && !strings.HasPrefix(name, "COPYING") {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			return "", err
		}
		found = append(found, classify(string(text)))
	}
	slices.Sort(found)
	switch found = slices.Compact(found); len(found) {
	case 0:
		return "missing", nil
	case 1:
		return found[0], nil
	}
	return strings.Join(found, both), nil
}
