// SPDX-License-Identifier: Apache-2.0

package doctor_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/asynclocal/asynclocal/doctor/report"
	"github.com/asynclocal/asynclocal/store"
)

// update writes the page of what was found anew: go test ./doctor -update.
var update = flag.Bool("update", false, "write docs/misuse.md from this run")

// misuses are the programs in testdata/misuse, in the order of the page, each with what it
// gets wrong.
var misuses = []struct{ name, what string }{
	{"logger", "a global logger without `Correlate`"},
	{"middlewarelogger", "a logger without `Correlate`, given to the middleware"},
	{"slog", "a default slog logger without `NewHandler`"},
	{"provider", "a global TracerProvider that is not wrapped"},
	{"placeholder", "`tracing.Wrap(otel.GetTracerProvider())` before one was set"},
	{"follow", "a global TracerProvider that follows itself"},
	{"last", "the middleware after another that logs"},
	{"group", "the middleware on a group only"},
	{"pool", "a function handed to a pool"},
	{"background", "a background goroutine that does not say so"},
	{"timer", "`time.AfterFunc`"},
	{"contextafter", "`context.AfterFunc`"},
	{"enterwith", "`EnterWith` without leave"},
	{"pprofdo", "`pprof.Do(context.Background(), …)`"},
	{"setlabels", "`pprof.SetGoroutineLabels` with such a ctx"},
	{"keptctx", "a ctx kept in a struct"},
	{"client", "an `http.Client` without Transport"},
	{"percall", "a Storage made per call"},
	{"ambient", "the ambient half off"},
	{"outlive", "a goroutine that outlives its request"},
	{"lazy", "a goroutine that the first request starts, for all"},
}

func TestEveryMisuseIsNamedAndItsCorrectionIsSilent(t *testing.T) {
	t.Parallel()
	bin := programs(t)
	rows := make([]string, len(misuses))
	t.Cleanup(func() { checkPage(t, rows) })
	for i, m := range misuses {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			source := filepath.Join("testdata", "misuse", m.name, "wrong", "main.go")
			line, kind := lost(t, source)
			seen := seenBy(t, bin, m.name, kind)
			rows[i] = fmt.Sprintf("| [%s](../doctor/%s#L%d) | %s | %s |", m.what, filepath.ToSlash(source), line, seen.by, code(seen.cure))
			if seen.line != line {
				t.Errorf("%s:%d is named, want line %d", source, seen.line, line)
			}
			if right := run(t, filepath.Join(bin, m.name+"-right")); len(right.Findings) > 0 {
				t.Errorf("the corrected twin: %+v", right.Findings)
			}
		})
	}
}

// seen is what was said of a program: by whom, of which line, and the cure.
type seen struct {
	by   string
	line int
	cure string
}

func seenBy(t *testing.T, bin, name, kind string) seen {
	t.Helper()
	program := filepath.Join(bin, name+"-wrong")
	switch kind {
	case "panic":
		return panicked(t, program)
	case "vet":
		return vetted(t, bin, name)
	}
	found := run(t, program).Findings
	if len(found) != 1 || found[0].Kind != kind {
		t.Fatalf("found %+v, want one of the kind %s", found, kind)
	}
	f := found[0]
	file, line, _ := report.Place(f.Where)
	if !strings.HasSuffix(filepath.ToSlash(file), "misuse/"+name+"/wrong/main.go") {
		t.Errorf("it is in %s", file)
	}
	if f.Count < 1 || f.Cure == "" || f.Message == "" {
		t.Errorf("it says too little: %+v", f)
	}
	return seen{"doctor: " + f.Kind + ", " + f.Message, line, f.Cure}
}

// panicked is what a program says that does not begin.
func panicked(t *testing.T, program string) seen {
	t.Helper()
	var out bytes.Buffer
	cmd := exec.Command(program)
	cmd.Stderr = &out
	if err := cmd.Run(); err == nil {
		t.Fatal("it runs")
	}
	first, _, _ := strings.Cut(out.String(), "\n")
	message, cure, _ := strings.Cut(strings.TrimPrefix(first, "panic: "), "; ")
	at := regexp.MustCompile(`wrong/main\.go:(\d+)`).FindSubmatch(out.Bytes())
	if at == nil {
		t.Fatalf("no place in %s", &out)
	}
	return seen{"panics: " + message, number(t, string(at[1])), cure}
}

// vetted is what asynclocal vet says of it.
func vetted(t *testing.T, bin, name string) seen {
	t.Helper()
	tool := tool(t, bin)
	out, _ := exec.Command(tool, "vet", "./testdata/misuse/"+name+"/wrong").CombinedOutput() // fails where it finds
	at := regexp.MustCompile(`wrong/main\.go:(\d+):\d+: (.*)`).FindSubmatch(out)
	if at == nil {
		t.Fatalf("vet says %s", out)
	}
	if right, err := exec.Command(tool, "vet", "./testdata/misuse/"+name+"/right").CombinedOutput(); err != nil {
		t.Errorf("vet of the corrected twin: %v\n%s", err, right)
	}
	message, cure, _ := strings.Cut(string(at[2]), ": ")
	return seen{"vet: " + message, number(t, string(at[1])), cure}
}

func number(t *testing.T, s string) (n int) {
	t.Helper()
	if _, err := fmt.Sscan(s, &n); err != nil {
		t.Fatal(err)
	}
	return n
}

// lost is the marked line of a program, and what is lost there.
func lost(t *testing.T, source string) (line int, kind string) {
	t.Helper()
	text, err := os.ReadFile(source)
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range strings.Split(string(text), "\n") {
		if _, mark, ok := strings.Cut(s, "// lost: "); ok {
			return i + 1, mark
		}
	}
	t.Fatal(source, "marks no line")
	return 0, ""
}

func run(t *testing.T, program string) report.Report {
	t.Helper()
	var stderr bytes.Buffer
	cmd := exec.Command(program)
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, stderr.Bytes())
	}
	r, err := report.Read(bytes.NewReader(out))
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return r
}

// programs builds all of them at once, and returns where they are.
func programs(t *testing.T) (bin string) {
	t.Helper()
	if testing.Short() {
		t.Skip("builds some forty programs")
	}
	if !store.Ambient() {
		t.Skip("then one of them is what all are like")
	}
	bin = t.TempDir()
	var names []string
	for _, m := range misuses {
		names = append(names, m.name)
	}
	dirs, err := os.ReadDir(filepath.Join("testdata", "misuse"))
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range dirs {
		if d.Name() != "clinic" && !slices.Contains(names, d.Name()) {
			t.Errorf("testdata/misuse/%s is in no row", d.Name())
		}
	}
	var building sync.WaitGroup
	places := make(chan struct{}, runtime.GOMAXPROCS(0))
	for _, name := range names {
		for _, half := range []string{"wrong", "right"} {
			building.Go(func() {
				places <- struct{}{}
				defer func() { <-places }()
				build(t, bin, name, half)
			})
		}
	}
	building.Wait()
	return bin
}

func build(t *testing.T, bin, name, half string) {
	args := []string{"build", "-ldflags=-s -w", "-o", filepath.Join(bin, name+"-"+half)}
	if name == "ambient" && half == "wrong" {
		args = append(args, "-tags=asynclocal_noambient")
	}
	args = append(args, "./"+filepath.Join("testdata", "misuse", name, half))
	if out, err := exec.Command("go", args...).CombinedOutput(); err != nil {
		t.Errorf("%s %s: %v\n%s", name, half, err, out)
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

func code(s string) string {
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = "`" + strings.ReplaceAll(lines[i], "`", "'") + "`"
	}
	return strings.ReplaceAll(strings.Join(lines, "<br>"), "|", `\|`)
}

const page = "../docs/misuse.md"

// checkPage holds the page to what was just found.
func checkPage(t *testing.T, rows []string) {
	if t.Failed() || slices.Contains(rows, "") {
		return
	}
	text := "# How a context is lost, and who says so\n\n" +
		"Each row is a program that loses a request's context, and what was said of the line that does it when it ran: by [`doctor`](doctor.md), by\n" +
		"[`asynclocal vet`](vet/README.md), or by a panic when it began. Beside each is a corrected twin, of which nothing is said. The table is\n" +
		"written by a test, from that run: `go test ./doctor -update`.\n\n" +
		"| what is wrong | what is said | the cure |\n|---|---|---|\n" + strings.Join(rows, "\n") + "\n"
	if *update {
		if err := os.WriteFile(page, []byte(text), 0o644); err != nil {
			t.Error(err)
		}
		return
	}
	have, err := os.ReadFile(page)
	if err != nil || string(have) != text {
		t.Errorf("%s is not what was found (%v): go test ./doctor -update", page, err)
	}
}
