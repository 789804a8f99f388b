// SPDX-License-Identifier: Apache-2.0

package main_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

var (
	cold  = flag.Bool("quickstart.cold", false, "compile everything anew: with a build cache that is empty")
	proxy = flag.String("quickstart.proxy", "", "a GOPROXY with this repository's modules, which are this checkout otherwise")
)

// The page is followed as a stranger would: what it says to type is typed, what it says to save is saved, and what it
// promises is looked for. Only the port is another one, which is free.
func TestTheQuickstartDoesWhatItSays(t *testing.T) {
	if race {
		t.Skip("it compiles a program of its own: once, without the race detector, is enough")
	}
	for _, tool := range []string{"go", "curl", "sh"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skip(err)
		}
	}
	p := readPage(t, filepath.Join("..", "quickstart.md"))
	s := newStranger(t)
	began := time.Now()

	s.run(p.next(t, "sh"))
	if *proxy == "" {
		s.replace()
	}
	s.save("main.go", p.next(t, "go"))
	program := s.start(p.next(t, "sh"))
	answer := s.run(p.next(t, "sh"))
	t.Logf("%.1f s from nothing to the first answer", time.Since(began).Seconds())

	checkAnswer(t, p.next(t, ""), answer)
	lines := program.wait(t, "request completed")
	checkLines(t, p.next(t, "json"), lines)
	s.checkInspector(program, lines)
}

// page is the code blocks of a Markdown page, in order.
type page struct{ blocks []block }

type block struct{ language, text string }

var fence = regexp.MustCompile("(?s)\n```([a-z]*)\n(.*?)\n```\n")

func readPage(t *testing.T, file string) *page {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var p page
	for _, m := range fence.FindAllStringSubmatch(string(text), -1) {
		p.blocks = append(p.blocks, block{m[1], m[2] + "\n"})
	}
	return &p
}

// next returns the next block, which has to be of a language.
func (p *page) next(t *testing.T, language string) string {
	t.Helper()
	if len(p.blocks) == 0 || p.blocks[0].language != language {
		t.Fatalf("the next block is not of the language %q: %.1v", language, p.blocks)
	}
	b := p.blocks[0]
	p.blocks = p.blocks[1:]
	return b.text
}

// stranger is someone with a shell and Go, and nothing else of ours.
type stranger struct {
	t    *testing.T
	dir  string // where the shell is
	addr string
	env  []string

	program *program
}

func newStranger(t *testing.T) *stranger {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	s := &stranger{t: t, dir: t.TempDir(), addr: l.Addr().String()}
	s.env = slices.DeleteFunc(os.Environ(), func(v string) bool {
		return strings.HasPrefix(v, "OTEL_") || strings.HasPrefix(v, "GO") && !strings.HasPrefix(v, "GOROOT=")
	})
	s.env = append(s.env, "GOWORK=off", "GOTOOLCHAIN=local", "GOSUMDB=off", "GOMODCACHE="+goEnv(t, "GOMODCACHE"), "GOCACHE="+goEnv(t, "GOCACHE"), "GOPROXY=off")
	if *proxy != "" {
		s.env = append(s.env, "GOPROXY="+*proxy)
	}
	if *cold {
		s.env = append(s.env, "GOCACHE="+t.TempDir())
	}
	return s
}

func goEnv(t *testing.T, name string) string {
	t.Helper()
	out, err := exec.Command("go", "env", name).Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

// replace has the modules of this repository, which are not published yet, be those of this checkout.
func (s *stranger) replace() {
	s.t.Helper()
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		s.t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(root, "telemetry", "go.mod"))
	if err != nil {
		s.t.Fatal(err)
	}
	const module = "github.com/asynclocal/asynclocal"
	version := regexp.MustCompile(regexp.QuoteMeta(module) + ` (v\S+)`).FindSubmatch(text) // that of all modules here
	s.run(fmt.Sprintf("go mod edit -require=%s@%s -replace=%[1]s=%[3]s -require=%[1]s/telemetry@%[2]s -replace=%[1]s/telemetry=%[3]s/telemetry", module, version[1], root))
}

func (s *stranger) save(name, text string) {
	s.t.Helper()
	if err := os.WriteFile(filepath.Join(s.dir, name), []byte(s.here(text)), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

// here is a text with the port that is free.
func (s *stranger) here(text string) string {
	return strings.ReplaceAll(text, "127.0.0.1:8080", s.addr)
}

// shell returns commands that stop at the first that fails. Where they end is where the next begin.
func (s *stranger) shell(ctx context.Context, commands string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "sh", "-ec", s.here(commands)+"\npwd >&3")
	cmd.Dir, cmd.Env = s.dir, s.env
	return cmd
}

// run runs commands and returns what they print. What answers only after a while is asked again.
func (s *stranger) run(commands string) string {
	s.t.Helper()
	s.t.Log("$ " + strings.TrimSpace(commands))
	for until := time.Now().Add(3 * time.Minute); ; time.Sleep(100 * time.Millisecond) {
		r, w, err := os.Pipe()
		if err != nil {
			s.t.Fatal(err)
		}
		cmd := s.shell(s.t.Context(), commands)
		cmd.ExtraFiles = []*os.File{w}
		var out, errs bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &errs
		err = cmd.Run()
		w.Close()
		var dir bytes.Buffer
		_, _ = dir.ReadFrom(r)
		r.Close()
		if err == nil {
			s.dir = strings.TrimSpace(dir.String())
			return out.String()
		}
		if !strings.HasPrefix(commands, "curl ") || time.Now().After(until) || s.program.isOver() {
			s.t.Fatalf("%v: %s%s", err, &out, &errs)
		}
	}
}

// program is what runs meanwhile, and what it has printed.
type program struct {
	mu   sync.Mutex
	text bytes.Buffer
	over chan struct{}
}

func (p *program) isOver() bool {
	select {
	case <-p.over:
		return true
	default:
		return false
	}
}

func (p *program) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text.Write(b)
}

func (p *program) printed() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text.String()
}

// start runs commands of which the last goes on, until the test's end: it is interrupted then, as by Ctrl-C.
func (s *stranger) start(commands string) *program {
	s.t.Helper()
	s.t.Log("$ " + strings.TrimSpace(commands))
	p := &program{over: make(chan struct{})}
	s.program = p
	cmd := s.shell(context.Background(), commands)
	cmd.Stdout, cmd.Stderr = p, p
	cmd.ExtraFiles = []*os.File{os.Stderr}
	ownGroup(cmd)
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	go func() {
		defer close(p.over)
		_ = cmd.Wait()
	}()
	s.t.Cleanup(func() {
		interrupt(cmd)
		<-p.over
		if s.t.Failed() {
			s.t.Log(p.printed())
		}
	})
	return p
}

// wait waits for the line with a message and returns all lines, by their messages.
func (p *program) wait(t *testing.T, message string) map[string]map[string]any {
	t.Helper()
	for until := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		if lines := parse(p.printed()); lines[message] != nil && lines["read"] != nil {
			return lines
		}
		if time.Now().After(until) {
			t.Fatalf("no line %q in\n%s", message, p.printed())
		}
	}
}

func parse(text string) map[string]map[string]any {
	lines := map[string]map[string]any{}
	for line := range strings.Lines(text) {
		var l map[string]any
		if json.Unmarshal([]byte(line), &l) == nil {
			message, _ := l["msg"].(string)
			lines[message] = l
		}
	}
	return lines
}

// checkAnswer looks for each line of the promised answer; what follows the name of a header with an id is another in each run.
func checkAnswer(t *testing.T, promised, answer string) {
	t.Helper()
	for line := range strings.Lines(promised) {
		line = strings.TrimSpace(line)
		for _, volatile := range []string{"Server-Timing: trace;desc=00-", "X-Request-Id: "} {
			if strings.HasPrefix(line, volatile) {
				line = volatile
			}
		}
		if !strings.Contains(answer, line) {
			t.Errorf("the answer has no %q:\n%s", line, answer)
		}
	}
}

// checkLines compares the lines with the promised ones: all fields, and the values that are the same in each run.
func checkLines(t *testing.T, promised string, lines map[string]map[string]any) {
	t.Helper()
	volatile := []string{"time", "request_id", "trace_id", "span_id", "duration_ms"}
	want := parse(promised)
	if len(want) != 3 || len(lines) != len(want) {
		t.Errorf("%d lines are promised, there are %d", len(want), len(lines))
	}
	for message, line := range want {
		for key, value := range line {
			if got := lines[message][key]; got == nil || !slices.Contains(volatile, key) && got != value {
				t.Errorf("%s: %s is %v, promised is %v", message, key, got, value)
			}
		}
		if len(lines[message]) != len(line) {
			t.Errorf("%s has %v, promised is %v", message, lines[message], line)
		}
		for _, id := range []string{"request_id", "trace_id"} {
			if lines[message][id] != lines["request completed"][id] {
				t.Errorf("%s is of another request: %v", message, lines[message])
			}
		}
	}
	if same := lines["loading"]["span_id"] == lines["request completed"]["span_id"]; same || lines["read"]["span_id"] != lines["request completed"]["span_id"] {
		t.Errorf("the spans are not those promised: %v", lines)
	}
}

var link = regexp.MustCompile(`See the requests at (\S+)/#token=(\S+)`)

// checkInspector looks at what the page behind the link is made of.
func (s *stranger) checkInspector(p *program, lines map[string]map[string]any) {
	s.t.Helper()
	found := link.FindStringSubmatch(p.printed())
	if found == nil {
		s.t.Fatalf("no link in\n%s", p.printed())
	}
	ask := fmt.Sprintf("curl -sf -H 'Authorization: Bearer %s' '%s/api/requests/%v'", found[2], found[1], lines["request completed"]["request_id"])
	var v struct {
		Spans []struct{ Name string }
		Logs  []struct{ Body string }
	}
	for until := time.Now().Add(time.Minute); len(v.Spans) != 2 || len(v.Logs) != 3; time.Sleep(50 * time.Millisecond) {
		if err := json.Unmarshal([]byte(s.run(ask)), &v); err != nil || time.Now().After(until) {
			s.t.Fatalf("%v: the inspector shows %+v", err, v)
		}
	}
	if v.Spans[0].Name != "GET /orders/:id" || v.Spans[1].Name != "load order" {
		s.t.Errorf("the inspector shows %+v", v)
	}
}
