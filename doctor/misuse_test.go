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
	"slices"
	"strings"
	"testing"

	"github.com/asynclocal/asynclocal/doctor/report"
)

// update writes the page of what was found anew: go test ./doctor -update.
var update = flag.Bool("update", false, "write docs/misuse.md from this run")

type misuse struct{ name, what string }

// misuses are the programs in testdata/misuse, in the order of the page, each with what it
// gets wrong.
var misuses = []misuse{
	{"logger", "a global logger without `Correlate`"},
	{"middlewarelogger", "a logger without `Correlate`, given to the middleware"},
	{"slog", "a default slog logger without `NewHandler`"},
	{"provider", "a global TracerProvider that is not wrapped"},
	{"placeholder", "`tracing.Wrap(otel.GetTracerProvider())` before one was set"},
	{"follow", "a global TracerProvider that follows itself"},
	{"last", "the middleware after another that logs"},
	{"group", "the middleware on a group only"},
	{"pool", "a function sent to a pool, which logs"},
	{"span", "a function sent to a pool, which starts a span"},
	{"background", "a background goroutine that does not say so"},
	{"timer", "`time.AfterFunc`"},
	{"contextafter", "`context.AfterFunc`"},
	{"enterwith", "`EnterWith` without leave"},
	{"pprofdo", "`pprof.Do(context.Background(), …)`"},
	{"setlabels", "`pprof.SetGoroutineLabels` with such a ctx"},
	{"setlabelsread", "the same where nothing is logged, and a Storage reads its default"},
	{"emptyctx", "`context.Background()` in a handler that has a ctx"},
	{"keptctx", "a ctx kept in a struct"},
	{"foreignctx", "a ctx of another request that is served"},
	{"client", "an `http.Client` without Transport"},
	{"defaultclient", "`http.DefaultClient`"},
	{"percall", "a Storage made per call"},
	{"ambient", "the ambient half off: a Storage reads its default"},
	{"outlive", "a goroutine that outlives its request, and logs"},
	{"held", "one that outlives it, and waits"},
	{"lazy", "a goroutine that the first request starts, for all"},
	{"oncefunc", "the same by `sync.OnceFunc`"},
	{"nilfunc", "a nil function"},
	{"niloption", "a nil option"},
}

func TestEveryMisuseIsNamedAndItsCorrectionIsSilent(t *testing.T) {
	t.Parallel()
	bin := programs(t)
	checks := vetted(t, bin)
	rows := make([]string, len(misuses))
	t.Cleanup(func() { checkPage(t, rows) })
	for i, m := range misuses {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			source := filepath.ToSlash(filepath.Join("testdata", "misuse", m.name, "wrong", "main.go"))
			want := marks(t, source)
			s := saidOf(t, bin, m.name, want)
			if vet := checks[source]; vet.check != want.vet || vet.line != want.vetLine {
				t.Errorf("vet says %+v, want %s in line %d", vet, want.vet, want.vetLine)
			} else if s.cure == "" {
				s.cure = vet.cure
			}
			if s.line != want.line {
				t.Errorf("%s:%d is named, want line %d", source, s.line, want.line)
			}
			if right := run(t, program(bin, m.name+"-right")); len(right.Findings) > 0 {
				t.Errorf("the corrected twin: %+v", right.Findings)
			}
			if vet, found := checks[strings.Replace(source, "/wrong/", "/right/", 1)]; found {
				t.Errorf("vet of the corrected twin: %+v", vet)
			}
			rows[i] = fmt.Sprintf("| [%s](../doctor/%s#L%d) | %s | %s | %s |", m.what, source, max(want.line, want.vetLine), s.by, want.page(), code(s.cure))
		})
	}
}

// said is what was said of a program that ran: by whom, of which line, and the cure.
type said struct {
	by   string
	line int
	cure string
}

// saidOf runs a program, of which no more than what it is marked with may be said.
func saidOf(t *testing.T, bin, name string, want mark) said {
	t.Helper()
	cmd := program(bin, name+"-wrong")
	if want.kind == "panic" {
		return panicked(t, cmd)
	}
	found := run(t, cmd).Findings
	if want.kind == "" {
		if len(found) > 0 {
			t.Errorf("found %+v, want nothing", found)
		}
		return said{}
	}
	if len(found) != 1 || found[0].Kind != want.kind {
		t.Fatalf("found %+v, want one of the kind %s", found, want.kind)
	}
	f := found[0]
	file, line, _ := report.Place(f.Where)
	if !strings.HasSuffix(filepath.ToSlash(file), "misuse/"+name+"/wrong/main.go") {
		t.Errorf("it is in %s", file)
	}
	if f.Count < 1 || f.Cure == "" || f.Message == "" {
		t.Errorf("it says too little: %+v", f)
	}
	return said{f.Kind + ": " + f.Message, line, f.Cure}
}

// panicked is what a program says that does not begin.
func panicked(t *testing.T, cmd *exec.Cmd) said {
	t.Helper()
	var out bytes.Buffer
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
	return said{"panics: " + message, number(t, string(at[1])), cure}
}

// check is what asynclocal vet says of a program.
type check struct {
	check string
	line  int
	cure  string
}

// vetted has it look at all of them, and returns what it says by the path of the source.
func vetted(t *testing.T, bin string) map[string]check {
	t.Helper()
	args := []string{"vet"}
	for _, m := range misuses {
		args = append(args, "./testdata/misuse/"+m.name+"/wrong", "./testdata/misuse/"+m.name+"/right")
	}
	out, _ := exec.Command(tool(t, bin), args...).CombinedOutput() // fails where it finds
	checks := map[string]check{}
	for _, m := range regexp.MustCompile(`(?m)(testdata/misuse/\S+\.go):(\d+):\d+: (.*) \((\w+)\)$`).FindAllSubmatch(out, -1) {
		source, message := string(m[1]), string(m[3])
		if before, again := checks[source]; again {
			t.Errorf("vet says two things of %s: %+v, and %s", source, before, message)
		}
		_, cure, _ := strings.Cut(message, ": ")
		checks[source] = check{string(m[4]), number(t, string(m[2])), cure}
	}
	if len(checks) == 0 {
		t.Errorf("vet says\n%s", out)
	}
	return checks
}

func number(t *testing.T, s string) (n int) {
	t.Helper()
	if _, err := fmt.Sscan(s, &n); err != nil {
		t.Fatal(err)
	}
	return n
}

// mark is what a program is marked with: the line that is lost when it runs, and the line that vet
// names; "" and 0 if there is none.
type mark struct {
	kind, vet     string
	line, vetLine int
}

// page names the check, with its page.
func (m mark) page() string {
	if m.vet == "" {
		return ""
	}
	return "[" + m.vet + "](vet/" + m.vet + ".md)"
}

func marks(t *testing.T, source string) (m mark) {
	t.Helper()
	text, err := os.ReadFile(source)
	if err != nil {
		t.Fatal(err)
	}
	lost, vet := regexp.MustCompile(`// lost: ([\w-]+)`), regexp.MustCompile(`// vet: (\w+)`)
	for i, s := range strings.Split(string(text), "\n") {
		if is := lost.FindStringSubmatch(s); is != nil {
			m.kind, m.line = is[1], i+1
		}
		if is := vet.FindStringSubmatch(s); is != nil {
			m.vet, m.vetLine = is[1], i+1
		}
	}
	if m == (mark{}) {
		t.Fatal(source, "marks no line")
	}
	return m
}

func run(t *testing.T, cmd *exec.Cmd) report.Report {
	t.Helper()
	var stderr bytes.Buffer
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
		"Each row is a program that loses a request's context, and what was said of the line that does it: when it ran, by\n" +
		"[`doctor`](doctor.md) or by a panic at its start, and before, by [`asynclocal vet`](vet/README.md). Beside each is a corrected twin, of\n" +
		"which nothing is said. The table is written by a test, from that run: `go test ./doctor -update`.\n\n" +
		"| what is wrong | when it runs | vet | the cure |\n|---|---|---|---|\n" + strings.Join(rows, "\n") + "\n"
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
