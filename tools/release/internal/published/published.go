// SPDX-License-Identifier: Apache-2.0

// Package published lists the modules of the repository that people require, and says what their versions are
// called. The list is modules.txt: a directory per line. All other modules exist for their tests, or are
// programs of the repository, and have no versions.
package published

import (
	_ "embed"
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// Root is the path of the module in the root directory. The paths of all other modules begin with it.
const Root = "github.com/asynclocal/asynclocal"

//go:embed modules.txt
var list string

// Module is a released module.
type Module struct {
	Dir string // from the root of the checkout, with slashes; "." is the root
}

// Modules returns the released modules, the root first.
func Modules() (all []Module) {
	for dir := range strings.Lines(list) {
		all = append(all, Module{strings.TrimSuffix(dir, "\n")})
	}
	return all
}

// Path returns the module's path.
func (m Module) Path() string { return Root + m.suffix() }

// Tag returns the name of the git tag of a version.
func (m Module) Tag(version string) string {
	return strings.TrimPrefix(m.suffix()+"/"+version, "/")
}

// File returns a name for files about the module: its directory, flattened.
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

// Checkout returns the root of the checkout that contains the working directory: the directory with go.work.
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

// Version returns the version that the checkout declares, with the v.
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

// VersionFile is the only file that declares the version, after VersionBegin.
const (
	VersionFile  = "version.go"
	VersionBegin = `const Version = "`
)
