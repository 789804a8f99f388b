// SPDX-License-Identifier: Apache-2.0

package upstreamtest_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// A suite is the tests of a module, and where this library gets into what they make.
type suite struct {
	module string
	file   string   // that has the function that makes things
	maker  string   // how that is declared
	hooked string   // the function that stands in its place
	dirs   []string // whose tests are run
	hook   string   // what is imported and said in those, by a file of an external test
}

// renamed is the name that the function that makes things gets.
const renamed = "withoutHook"

var suites = []suite{{
	module: "github.com/labstack/echo/v4", file: "echo.go", maker: "func New() (e *Echo) {", dirs: []string{"middleware"},
	hooked: `func New() *Echo { e := withoutHook(); if Hook != nil { Hook(e) }; return e }; var Hook func(*Echo)`,
	hook: `import ("github.com/labstack/echo/v4"; ours "github.com/asynclocal/asynclocal/middleware"; "go.uber.org/zap")
		func install() { echo.Hook = func(e *echo.Echo) { e.Use(ours.New(ours.WithLogger(zap.NewNop()))) } }`,
}, {
	module: "github.com/labstack/echo/v5", file: "echo.go", maker: "func New() *Echo {", dirs: []string{"middleware"},
	hooked: `func New() *Echo { e := withoutHook(); if Hook != nil { Hook(e) }; return e }; var Hook func(*Echo)`,
	hook: `import ("github.com/labstack/echo/v5"; ours "github.com/asynclocal/asynclocal/middleware/echov5"; "go.uber.org/zap")
		func install() { echo.Hook = func(e *echo.Echo) { e.Use(ours.New(ours.WithLogger(zap.NewNop()))) } }`,
}, {
	module: "github.com/go-chi/chi/v5", file: "mux.go", maker: "func NewMux() *Mux {", dirs: []string{".", "middleware"},
	hooked: `func NewMux() *Mux { m := withoutHook(); if Hook != nil { Hook(m) }; return m }; var Hook func(*Mux)`,
	hook: `import ("github.com/go-chi/chi/v5"; ours "github.com/asynclocal/asynclocal/middleware/nethttp"; "go.uber.org/zap")
		func install() { chi.Hook = func(m *chi.Mux) { m.Use(ours.New(ours.WithLogger(zap.NewNop()))) } }`,
}, {
	module: "go.uber.org/zap", file: "logger.go", maker: "func New(core zapcore.Core, options ...Option) *Logger {", dirs: []string{".", "zapio", "zaptest"},
	hooked: `func New(core zapcore.Core, options ...Option) *Logger { l := withoutHook(core, options...); if Hook != nil { l = Hook(l) }; return l }
		var Hook func(*Logger) *Logger`,
	hook: `import ("go.uber.org/zap"; "github.com/asynclocal/asynclocal/logging")
		func install() { zap.Hook = func(l *zap.Logger) *zap.Logger { return l.WithOptions(logging.Correlate()) } }`,
}}

// prepare makes a module in dir that has the suite, hooked, in the place of the original.
func (s *suite) prepare(t *testing.T, dir string) {
	t.Helper()
	original := strings.TrimSpace(run(t, ".", "go", "list", "-m", "-f", "{{.Dir}}", s.module))
	hooked := filepath.Join(dir, "hooked")
	if err := os.CopyFS(hooked, os.DirFS(original)); err != nil {
		t.Fatal(err)
	}
	run(t, dir, "chmod", "-R", "u+w", hooked)
	file := filepath.Join(hooked, s.file)
	text := read(t, file)
	name, _, _ := strings.Cut(strings.TrimPrefix(s.maker, "func "), "(")
	if strings.Count(text, s.maker) != 1 {
		t.Fatalf("%s does not say %q once any more", file, s.maker)
	}
	write(t, file, strings.Replace(text, s.maker, strings.Replace(s.maker, name, renamed, 1), 1)+"\n"+s.hooked+"\n")
	for _, d := range s.dirs {
		s.hookTests(t, filepath.Join(hooked, d))
	}
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	module := strings.NewReplacer("=> ../", "=> "+root+"/", "=> ..\n", "=> "+root+"\n").Replace(read(t, "go.mod"))
	write(t, filepath.Join(dir, "go.mod"), module+fmt.Sprintf("\nreplace %s => ./hooked\n", s.module))
	write(t, filepath.Join(dir, "go.sum"), read(t, "go.sum"))
	for _, d := range s.dirs {
		// Without the directory's path in them, which is another each time, Go's cache has them.
		run(t, dir, "go", "test", "-c", "-trimpath", "-vet=off", "-o", binary(dir, d), s.path(d))
	}
}

// path is the package in d.
func (s *suite) path(d string) string { return strings.TrimSuffix(s.module+"/"+d, "/.") }

// binary is where the tests of d are, compiled.
func binary(dir, d string) string { return filepath.Join(dir, strings.Trim(d, ".")+".test") }

// hookTests adds a file to the tests of dir that installs the hook, if the environment
// says so: one binary is run with it and without.
func (s *suite) hookTests(t *testing.T, dir string) {
	t.Helper()
	name := strings.TrimSpace(run(t, dir, "go", "list", "-f", "{{.Name}}", "."))
	write(t, filepath.Join(dir, "hook_test.go"), "package "+name+"_test\n"+s.hook+
		"\nfunc init() { if os.Getenv(\""+variable+"\") != \"\" { install() } }\n")
	text := read(t, filepath.Join(dir, "hook_test.go"))
	write(t, filepath.Join(dir, "hook_test.go"), strings.Replace(text, "import (", "import (\"os\"; ", 1))
}

const variable = "ASYNCLOCAL_HOOK"

func read(t *testing.T, file string) string {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// run returns what a command prints that has to succeed.
func run(t *testing.T, dir, name string, args ...string) string {
	t.Helper()
	out, err := command(t, dir, name, args...).Output()
	if err != nil {
		t.Fatalf("%s %s: %v: %s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

// command is one that finds modules in the cache, and nowhere else.
func command(t *testing.T, dir, name string, args ...string) *exec.Cmd {
	t.Helper()
	c := exec.CommandContext(t.Context(), name, args...)
	c.Dir, c.Stderr = dir, os.Stderr
	c.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=-mod=mod", "GOPROXY=off", variable+"=")
	return c
}
