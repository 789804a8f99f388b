// SPDX-License-Identifier: Apache-2.0

package repo_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// A listed package is what `go list -json` says of it, cut to what the tests here read.
type listed struct {
	ImportPath string
	Name       string
	Dir        string
	Standard   bool
	DepOnly    bool // not of the workspace: there only because a package of ours needs it
	Module     struct{ Path, GoMod string }

	GoFiles, CgoFiles, TestGoFiles, XTestGoFiles []string
	Imports, TestImports, XTestImports, Deps     []string
}

// A graph is every package of the workspace and everything they need, by import path.
type graph map[string]listed

// goList lists the packages of every module of the workspace. It goes on where one does not compile:
// that is for the package's own tests to say.
func goList(t *testing.T, flags ...string) graph {
	t.Helper()
	args := append([]string{"list", "-e", "-deps", "-json"}, flags...)
	cmd := exec.Command("go", append(args, "work")...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %v\n%s", cmd, err, stderr.String())
	}
	g := graph{}
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatalf("%v: %v", cmd, err)
		}
		g[p.ImportPath] = p
	}
	if _, ok := g[module]; !ok {
		t.Fatalf("%v does not list %s: nothing it says can be trusted", cmd, module)
	}
	g.watch(t)
	return g
}

// watch looks at the files the listing came from. The test cache cannot see what the go command
// read; through this it does, and a cached result is never older than the code.
func (g graph) watch(t *testing.T) {
	t.Helper()
	for _, p := range g {
		if p.DepOnly {
			continue
		}
		if _, err := os.Stat(p.Module.GoMod); err != nil {
			t.Fatal(err)
		}
		if _, err := os.ReadDir(p.Dir); err != nil {
			t.Fatal(err)
		}
	}
}
