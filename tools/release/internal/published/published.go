// SPDX-License-Identifier: Apache-2.0

// Package published says which modules of the repository people require, and what their versions are called.
// The list is modules.txt: a directory a line. All other modules are there for their tests, or are programs of
// the repository's own, and have no versions.
package published

import (
	_ "embed"
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// Root is the path of the module in the root directory, and what those of all others begin with.
const Root = "github.com/asynclocal/asynclocal"

//go:embed modules.txt
var list string

// Module is a module that is released.
type Module struct {
	Dir string // from the root of the checkout, with slashes; "." is the root
}

// Modules returns the modules that are released, the root first.
func Modules() (all []Module) {
	for dir := range strings.Lines(list) {
		all = append(all, Module{strings.TrimSuffix(dir, "\n")})
	}
	return all
}

// Path is the module's path.
func (m Module) Path() string { return Root + m.suffix() }

// Tag is what a version of it is called in git.
func (m Module) Tag(version string) string {
	return strings.TrimPrefix(m.suffix()+"/"+version, "/")
}

// File is a name for files about the module: its directory, flat.
func (m Module) File() string {
	if m.Dir == "." {
		return "root"
	}
	return strings.ReplaceAll(m.Dir, "/", "-")
}

func (m Module) suffix() string {
	if m.Dir == "." {
		return ""
	}
	return "/" + m.Dir
}

// Checkout returns the root of the checkout that the working directory is in: where go.work is.
func Checkout() (string, error) {
	out, err := exec.Command("go", "env", "GOWORK").Output()
	if err != nil {
		return "", fmt.Errorf("go env GOWORK: %w", err)
	}
	root := strings.TrimSuffix(strings.TrimSpace(string(out)), "/go.work")
	if _, err := os.Stat(root + "/tools/release"); root == "" || err != nil {
		return "", fmt.Errorf("no checkout of %s here: run this inside of one, with its go.work in use", Root)
	}
	return root, nil
}

// Version returns the version that the checkout says it is, with the v.
func Version(checkout string) (string, error) {
	text, err := os.ReadFile(checkout + "/" + VersionFile)
	if err != nil {
		return "", err
	}
	_, v, _ := strings.Cut(string(text), VersionBegin)
	v, _, ok := strings.Cut(v, `"`)
	if !ok {
		return "", fmt.Errorf("%s: no %s", VersionFile, VersionBegin)
	}
	return "v" + v, nil
}

// VersionFile is the one file that says the version, after VersionBegin.
const (
	VersionFile  = "version.go"
	VersionBegin = `const Version = "`
)
