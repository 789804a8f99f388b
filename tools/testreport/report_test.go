// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Each case is a package that the real go command tests; the report is held to what a reader needs.
func TestReportOf(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, body    string
		ok            bool
		counts        string
		want, wantNot []string
	}{{
		name:    "a package that passes: its line, not its output",
		body:    `func TestA(t *testing.T) { t.Log("chatter"); t.Run("sub", func(*testing.T) {}) }`,
		ok:      true,
		counts:  "2 passed, 0 failed, 0 skipped",
		want:    []string{"ok\tsample\t"},
		wantNot: []string{"chatter"},
	}, {
		name: "a failed test: its whole output, and no other's",
		body: `func TestA(t *testing.T) { t.Log("chatter") }
			func TestB(t *testing.T) { t.Log("first"); t.Error("second") }`,
		counts:  "1 passed, 1 failed, 0 skipped",
		want:    []string{"first", "second", "--- FAIL: TestB", "FAIL\tsample\t"},
		wantNot: []string{"chatter"},
	}, {
		name:   "a skipped test: its reason, on one line",
		body:   `func TestA(*testing.T) {}; func TestB(t *testing.T) { t.Skip("needs a browser") }`,
		ok:     true,
		counts: "1 passed, 0 failed, 1 skipped",
		want:   []string{"skip\tsample TestB: ", "needs a browser\n"},
	}, {
		name:   "nothing but skips: not a success",
		body:   `func TestA(t *testing.T) { t.SkipNow() }`,
		counts: "0 passed, 0 failed, 1 skipped",
		want:   []string{"no test passed", "no reason given"},
	}, {
		name:   "a package without tests: not a success",
		body:   `var _ testing.TB`,
		counts: "0 passed, 0 failed, 0 skipped",
		want:   []string{"no test passed"},
	}, {
		name:   "a package that does not build: the compiler's words",
		body:   `func TestA(*testing.T) { undefinedName() }`,
		counts: "0 passed, 1 failed, 0 skipped",
		want:   []string{"undefined: undefinedName"},
	}, {
		name:   "a crash: the tests it cut off failed too",
		body:   `func TestA(*testing.T) { go panic("boom"); select {} }; func TestB(*testing.T) {}`,
		counts: "0 passed, 1 failed, 0 skipped",
		want:   []string{"panic: boom", "goroutine "},
	}, {
		name:   "a TestMain that fails after its tests passed",
		body:   `func TestA(*testing.T) {}; func TestMain(m *testing.M) { m.Run(); println("leaked"); os.Exit(1) }`,
		counts: "1 passed, 1 failed, 0 skipped",
		want:   []string{"leaked"},
	}}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			out, ok := reportOf(t, goTest(t, tt.body))
			if ok != tt.ok {
				t.Errorf("success is %t, want %t", ok, tt.ok)
			}
			if !strings.HasSuffix(out, "\n"+tt.counts+"\n") {
				t.Errorf("the last line is not %q", tt.counts)
			}
			for _, s := range tt.want {
				if !strings.Contains(out, s) {
					t.Errorf("no %q in the report", s)
				}
			}
			for _, s := range tt.wantNot {
				if strings.Contains(out, s) {
					t.Errorf("%q in the report", s)
				}
			}
			if t.Failed() {
				t.Logf("the report:\n%s", out)
			}
		})
	}
}

func TestAStreamCutShortIsAFailure(t *testing.T) {
	t.Parallel()
	stream := goTest(t, `func TestA(*testing.T) {}`)
	cut := bytes.LastIndexByte(bytes.TrimSpace(stream), '\n')
	out, ok := reportOf(t, stream[:cut])
	if ok || !strings.Contains(out, "the stream ended before sample did") {
		t.Errorf("success is %t:\n%s", ok, out)
	}
}

func TestTextAmongTheEventsIsPassedThrough(t *testing.T) {
	t.Parallel()
	out, ok := reportOf(t, []byte("go: cannot find main module"))
	if ok || !strings.HasPrefix(out, "go: cannot find main module") {
		t.Errorf("success is %t:\n%s", ok, out)
	}
}

// The race detector's words may come while another test has the floor.
func TestADataRaceInAPassedTestsOutputIsShown(t *testing.T) {
	t.Parallel()
	out, _ := reportOf(t, []byte(`{"Action":"run","Package":"p","Test":"TestA"}
{"Action":"output","Package":"p","Test":"TestA","Output":"WARNING: DATA RACE\n"}
{"Action":"pass","Package":"p","Test":"TestA"}
{"Action":"run","Package":"p","Test":"TestB"}
{"Action":"fail","Package":"p","Test":"TestB"}
{"Action":"fail","Package":"p"}
`))
	if !strings.Contains(out, "WARNING: DATA RACE") {
		t.Errorf("the race is not in the report:\n%s", out)
	}
}

func reportOf(t *testing.T, stream []byte) (string, bool) {
	t.Helper()
	var out strings.Builder
	r := newReport(&out)
	if err := r.read(bytes.NewReader(stream)); err != nil {
		t.Fatal(err)
	}
	ok := r.close()
	return out.String(), ok
}

// goTest runs the go command on a package that holds body and returns its stream.
func goTest(t *testing.T, body string) []byte {
	t.Helper()
	dir := t.TempDir()
	imports := "import \"testing\"\n"
	if strings.Contains(body, "os.") {
		imports += "import \"os\"\n"
	}
	for name, text := range map[string]string{
		"go.mod":         "module sample\n\ngo 1.26.0\n",
		"sample_test.go": "package sample\n" + imports + body,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command("go", "test", "-json", ".")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=")
	stream, err := cmd.Output()
	if len(stream) == 0 {
		t.Fatalf("go test wrote nothing: %v", err)
	}
	return stream
}
