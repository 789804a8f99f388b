// SPDX-License-Identifier: Apache-2.0

package main_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/asynclocal/asynclocal/doctor/report"
)

// command is this program, as go install makes it.
var command = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "asynclocal")
	if err != nil {
		return "", err
	}
	bin := filepath.Join(dir, "asynclocal")
	if out, err := exec.Command("go", "build", "-buildvcs=false", "-o", bin, ".").CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w\n%s", err, out)
	}
	return bin, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if bin, err := command(); err == nil {
		os.RemoveAll(filepath.Dir(bin)) //nolint:errcheck,gosec // a temporary directory
	}
	os.Exit(code)
}

// It imports little: with each set of flags the go command vets the standard library anew.
const shop = `package main

import (
	"context"
	"log/slog"
	"time"
)

func main() {
	charge(context.Background())
	time.AfterFunc(time.Hour, func() { slog.Info("an hour later") })
}

func charge(ctx context.Context) {
	time.AfterFunc(time.Minute, func() { slog.Info("a minute later") })
}
`

// module is a module outside of the workspace, with the source above as main.go.
func module(t *testing.T) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"go.mod", "go.sum"} {
		text, err := os.ReadFile(filepath.Join("vet", "testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		text = bytes.ReplaceAll(text, []byte("=> ../../../.."), []byte("=> "+root))
		put(t, filepath.Join(dir, name), string(text))
	}
	put(t, filepath.Join(dir, "main.go"), shop)
	return dir
}

func put(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// run runs a program in a directory, and returns the lines that are findings.
func run(t *testing.T, dir, name string, args ...string) (findings []string) {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOPROXY=off", "GOFLAGS=")
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(out)) {
		if i := strings.LastIndex(line, " ("); i > 0 && strings.Contains(line, ".go:") {
			at := strings.Split(strings.TrimPrefix(line, "./"), ":")
			findings = append(findings, at[0]+":"+at[1]+strings.TrimRight(line[i:], "\n"))
		}
	}
	slices.Sort(findings)
	if code := cmd.ProcessState.ExitCode(); (code == 0) != (len(findings) == 0) || code > 1 {
		t.Errorf("%s %q: exit code %d, and it says:\n%s", filepath.Base(name), args, code, out)
	}
	return findings
}

func tool(t *testing.T) string {
	t.Helper()
	if testing.Short() {
		t.Skip("it vets the standard library first")
	}
	bin, err := command()
	if err != nil {
		t.Fatal(err)
	}
	return bin
}

func same(t *testing.T, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

// The program is a command and a vet tool, in any module; what it fixes is silent afterwards.
func TestVetInAModuleOutsideOfTheWorkspace(t *testing.T) {
	t.Parallel()
	bin, dir := tool(t), module(t)
	want := []string{"main.go:15 (timer)"}
	same(t, run(t, dir, bin, "vet", "./..."), want)
	same(t, run(t, dir, "go", "vet", "-vettool="+bin, "./..."), want)
	same(t, run(t, dir, bin, "vet", "-fix", "./..."), nil)
	same(t, run(t, dir, bin, "vet", "./..."), nil)
	text, err := os.ReadFile(filepath.Join(dir, "main.go"))
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(text), "store.AfterFunc("); n != 1 {
		t.Errorf("store.AfterFunc is %d times in main.go, want once:\n%s", n, text)
	}
	run(t, dir, "go", "build", "-o", os.DevNull, ".")
}

// The go command caches what a tool says of a package by its flags, and not by what is in a report.
func TestAReportThatHasChangedIsReadAgain(t *testing.T) {
	t.Parallel()
	bin, dir := tool(t), module(t)
	for _, lines := range [][]int{{}, {11}} {
		var want []string
		var r report.Report
		for _, n := range lines {
			r.Findings = append(r.Findings, report.Finding{Where: fmt.Sprintf("%s/main.go:%d", dir, n), Count: 1})
			want = append(want, fmt.Sprintf("main.go:%d (timer)", n))
		}
		var b bytes.Buffer
		if err := r.Write(&b); err != nil {
			t.Fatal(err)
		}
		put(t, filepath.Join(dir, "report.json"), b.String())
		same(t, run(t, dir, bin, "vet", "-findings", "report.json", "./..."), want)
	}
}

// It caches by the tool too, so what the tool knows of a module beside the package is part of that.
func TestTheToolsVersionHasWhatTheModuleUses(t *testing.T) {
	t.Parallel()
	bin, dir := tool(t), module(t)
	version := func() string {
		cmd := exec.Command(bin, "-V=full")
		cmd.Dir = dir
		out, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(string(out), bin+" version devel buildID=") {
			t.Errorf("the version is %q", out)
		}
		return string(out)
	}
	before := version()
	if again := version(); again != before {
		t.Errorf("the version is %q, and then %q", before, again)
	}
	put(t, filepath.Join(dir, "setup.go"), "package main\n\nimport _ \"github.com/asynclocal/asynclocal/tracing\"\n")
	if after := version(); after == before {
		t.Error("the version is the same where the module has begun to use package tracing")
	}
}

func TestWhatMakesNoSenseIsSaid(t *testing.T) {
	t.Parallel()
	bin, dir := tool(t), t.TempDir()
	put(t, filepath.Join(dir, "other.json"), `{"requests": []}`)
	tests := []struct {
		name string
		args []string
		want string
	}{
		{"no command", nil, "usage: asynclocal vet"},
		{"another command", []string{"vte"}, `there is no command "vte"`},
		{"no report", []string{"vet", "-findings"}, "flag -findings needs the path of a report"},
		{"a report that is not there", []string{"vet", "-findings=none.json", "./..."}, "flag -findings: open "},
		{"a file that is no report", []string{"vet", "--findings", "other.json"}, "version is 0, want 1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			cmd := exec.Command(bin, tt.args...)
			cmd.Dir = dir
			out, _ := cmd.CombinedOutput()
			if code := cmd.ProcessState.ExitCode(); code != 2 || !strings.Contains(string(out), tt.want) {
				t.Errorf("exit code %d, want 2; it says %q, want %q in it", code, out, tt.want)
			}
		})
	}
}

func TestHelpNamesEveryCheck(t *testing.T) {
	t.Parallel()
	out, err := exec.Command(tool(t), "vet", "help").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, name := range []string{"timer", "contextafter", "pool", "funcchan", "lazygo", "outlive", "proflabels", "emptyctx", "httpclient", "enterwith", "storagenew", "directive"} {
		if !strings.Contains(string(out), "    "+name+" ") {
			t.Errorf("help does not name %s:\n%s", name, out)
		}
	}
}
