// SPDX-License-Identifier: Apache-2.0

package main_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// patience is how long a test waits for what is sure to come.
const patience = 2 * time.Minute

// A process is the example, running.
type process struct {
	t      *testing.T
	cmd    *exec.Cmd
	exited chan struct{}
	err    error // of Wait
	killed atomic.Bool
	forget atomic.Bool // what it logs from now on, but for errors

	mu     sync.Mutex
	lines  []line
	stdout bytes.Buffer
	other  []string // what on stderr is no JSON
}

// A line is what was logged.
type line map[string]any

func (l line) str(key string) string { s, _ := l[key].(string); return s }

// start runs the example and returns when it is ready.
func start(t *testing.T, env []string, args ...string) *process {
	t.Helper()
	p := launch(t, env, args...)
	p.ready()
	return p
}

// launch runs the example and returns at once.
func launch(t *testing.T, env []string, args ...string) *process {
	t.Helper()
	p := &process{t: t, exited: make(chan struct{})}
	p.cmd = exec.Command(binary, append([]string{"-addr", "127.0.0.1:0", "-finish", "1m"}, args...)...)
	// Killed, the process leaves its temporary directory: the test's, which is removed.
	p.cmd.Env = append(clean(os.Environ()), append([]string{"TMPDIR=" + t.TempDir()}, env...)...)
	p.cmd.Stdout = (*stdout)(p)
	stderr, err := p.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(p.exited)
		p.read(stderr)
		p.err = p.cmd.Wait()
	}()
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill()
		<-p.exited
		if t.Failed() {
			p.report()
		}
	})
	return p
}

// ready waits until the process serves.
func (p *process) ready() {
	p.t.Helper()
	eventually(p.t, "the process to be ready", func() bool {
		if p.ended() {
			p.t.Fatalf("it ended: %v\n%s", p.err, strings.Join(p.text(), "\n"))
		}
		return len(p.logged("ready")) == 1
	})
}

// clean is the environment without what would change the example's.
func clean(environ []string) (kept []string) {
	for _, e := range environ {
		if !strings.HasPrefix(e, "OTEL_") && !strings.HasPrefix(e, "NATS_") && !strings.HasPrefix(e, "DATABASE_") && !strings.HasPrefix(e, "PAYMENTS_") {
			kept = append(kept, e)
		}
	}
	return kept
}

// stdout is where a process greets.
type stdout process

func (o *stdout) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.stdout.Write(b)
}

// greeting is what an API has written on stdout. That comes through a pipe of its own, and so perhaps
// after the line on stderr that says that it is ready.
func (p *process) greeting() (text string) {
	p.t.Helper()
	eventually(p.t, "the greeting", func() bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		text = p.stdout.String()
		return strings.Contains(text, "curl -i ")
	})
	return text
}

func (p *process) read(r io.Reader) {
	s := bufio.NewScanner(r)
	s.Buffer(nil, 1<<20)
	for s.Scan() {
		l := line{}
		err := json.Unmarshal(s.Bytes(), &l)
		if err == nil && p.forget.Load() && l.str("level") != "error" {
			continue
		}
		p.mu.Lock()
		if err != nil {
			p.other = append(p.other, s.Text())
		} else {
			p.lines = append(p.lines, l)
		}
		p.mu.Unlock()
	}
}

// report says, when a test has failed, what the process had to say.
func (p *process) report() {
	const most = 20
	text := p.text()
	p.t.Logf("stderr that is no JSON:\n%s", strings.Join(text[:min(len(text), most)], "\n"))
	shown := 0
	for _, l := range p.log() {
		if lvl := l.str("level"); (lvl == "warn" || lvl == "error") && shown < most {
			shown++
			p.t.Log(l)
		}
	}
}

func (p *process) url() string { return "http://" + p.logged("ready")[0].str("addr") }

// log is everything logged so far.
func (p *process) log() []line {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.lines[:len(p.lines):len(p.lines)]
}

func (p *process) text() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.other[:len(p.other):len(p.other)]
}

// logged is the lines with the message.
func (p *process) logged(message string) (found []line) {
	for _, l := range p.log() {
		if l.str("msg") == message {
			found = append(found, l)
		}
	}
	return found
}

func (p *process) ended() bool {
	select {
	case <-p.exited:
		return true
	default:
		return false
	}
}

// kill ends the process with SIGKILL, in the middle of whatever it does.
func (p *process) kill() {
	p.t.Helper()
	p.killed.Store(true)
	if err := p.cmd.Process.Kill(); err != nil {
		p.t.Fatal(err)
	}
}

// terminate asks the process to end as an orchestrator does, and returns its exit code.
func (p *process) terminate() int { return p.end(syscall.SIGTERM) }

func (p *process) end(sig syscall.Signal) int {
	p.t.Helper()
	if err := p.cmd.Process.Signal(sig); err != nil {
		p.t.Fatal(err)
	}
	select {
	case <-p.exited:
	case <-time.After(patience):
		p.t.Fatal("it does not end")
	}
	return p.cmd.ProcessState.ExitCode()
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !ok(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("waited in vain for ", what)
		}
	}
}
