// SPDX-License-Identifier: Apache-2.0

package doctor_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/asynclocal/asynclocal/store"
)

// misuseDir holds the programs, a directory for each with its wrong and its right half.
const misuseDir = "testdata/misuse"

// programs builds all of them, and returns where they are. They are packages of one program,
// by an overlay of their sources that changes no line's number: to link sixty is minutes.
func programs(t *testing.T) (bin string) {
	t.Helper()
	if testing.Short() {
		t.Skip("builds a large program")
	}
	if !store.Ambient() {
		t.Skip("then one of them is what all are like")
	}
	everyDirectoryHasARow(t)
	bin = t.TempDir()
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	overlay := struct{ Replace map[string]string }{map[string]string{}}
	replace := func(path, text string) {
		file := filepath.Join(bin, fmt.Sprintf("%d.go", len(overlay.Replace)))
		overlay.Replace[filepath.Join(here, path)] = file
		write(t, file, text)
	}
	var imports, cases strings.Builder
	for i, m := range misuses {
		for _, half := range []string{"wrong", "right"} {
			if m.name == "ambient" && half == "wrong" {
				continue // a build of its own
			}
			dir := misuseDir + "/" + m.name + "/" + half
			fmt.Fprintf(&imports, "import %s%d %q\n", half, i, "github.com/asynclocal/asynclocal/doctor/"+dir)
			fmt.Fprintf(&cases, "\tcase %q:\n\t\t%s%d.Main()\n", m.name+"-"+half, half, i)
			replace(filepath.Join(misuseDir, m.name, half, "main.go"), imported(t, dir+"/main.go"))
		}
	}
	replace(filepath.Join(misuseDir, "all", "main.go"),
		"package main\n\nimport \"os\"\n"+imports.String()+"\nfunc main() {\n\tswitch os.Args[1] {\n"+cases.String()+"\t}\n}\n")
	text, err := json.Marshal(overlay)
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(bin, "overlay.json"), string(text))
	build(t, bin, "all", "-overlay="+filepath.Join(bin, "overlay.json"), "./"+misuseDir+"/all")
	build(t, bin, "ambient-wrong", "-tags=asynclocal_noambient", "./"+misuseDir+"/ambient/wrong")
	return bin
}

func everyDirectoryHasARow(t *testing.T) {
	t.Helper()
	dirs, err := os.ReadDir(misuseDir)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range dirs {
		if d.Name() != "clinic" && !slices.ContainsFunc(misuses, func(m misuse) bool { return m.name == d.Name() }) {
			t.Errorf("%s/%s is in no row", misuseDir, d.Name())
		}
	}
}

// imported is a program's source as that of a package.
func imported(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	s := strings.Replace(string(text), "\npackage main\n", "\npackage imported\n", 1)
	s = strings.Replace(s, "\nfunc main() {\n", "\nfunc Main() {\n", 1)
	if !strings.Contains(s, "\npackage imported\n") || !strings.Contains(s, "\nfunc Main() {\n") {
		t.Fatalf("%s has no line 'package main' or no 'func main() {'", path)
	}
	return s
}

// program is the command that runs one of them.
func program(bin, name string) *exec.Cmd {
	if name == "ambient-wrong" {
		return exec.Command(filepath.Join(bin, name))
	}
	return exec.Command(filepath.Join(bin, "all"), name)
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func build(t *testing.T, bin, name string, args ...string) {
	t.Helper()
	args = append([]string{"build", "-ldflags=-s -w", "-o", filepath.Join(bin, name)}, args...)
	if out, err := exec.Command("go", args...).CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", args, err, out)
	}
}

// tool builds asynclocal, which is a module of its own, into bin.
func tool(t *testing.T, bin string) string {
	t.Helper()
	path := filepath.Join(bin, "asynclocal")
	if out, err := exec.Command("go", "build", "-o", path, "../cmd/asynclocal").CombinedOutput(); err != nil {
		t.Skipf("the command is in no workspace with this module: %v\n%s", err, out)
	}
	return path
}
