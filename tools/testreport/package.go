// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"fmt"
	"io"
	"strings"
)

// A packageRun collects one package's tests. Output is kept until the package ends, because only
// then is it known whether a passed test's output is evidence.
type packageRun struct {
	name   string
	output []byte // output of no test: TestMain, a crash, goleak
	tests  []*testRun
	byName map[string]*testRun
}

type testRun struct {
	name   string
	action string // "" while it runs
	output []byte
}

func newPackageRun(name string) *packageRun {
	return &packageRun{name: name, byName: map[string]*testRun{}}
}

func (p *packageRun) add(e event) {
	if e.Test == "" {
		p.output = append(p.output, e.Output...)
		return
	}
	t := p.byName[e.Test]
	// A second "run" of the same name is a repetition by -count or -cpu, and counts as another
	// test.
	if t == nil || e.Action == "run" {
		t = &testRun{name: e.Test}
		p.tests, p.byName[e.Test] = append(p.tests, t), t
	}
	t.output = append(t.output, e.Output...)
	if terminal(e.Action) {
		t.action = e.Action
	}
}

// fail marks the tests that never reported as failed: a crash or a deadline cut them off.
func (p *packageRun) fail() {
	for _, t := range p.tests {
		if t.action == "" {
			t.action = "fail"
		}
	}
}

func (p *packageRun) count(action string) (n int) {
	for _, t := range p.tests {
		if t.action == action {
			n++
		}
	}
	return n
}

// writeFailures writes the whole output of every failed test, and the package's own output. The
// race detector may write while another test is the current one, so passed tests are searched for
// its report too.
func (p *packageRun) writeFailures(out io.Writer) {
	for _, t := range p.tests {
		if t.action == "fail" || bytes.Contains(t.output, []byte("WARNING: DATA RACE")) {
			fmt.Fprintf(out, "%s", t.output)
		}
	}
	for line := range bytes.Lines(p.output) {
		if !bytes.HasPrefix(line, []byte("FAIL\t"+p.name)) { // writeLine writes it
			fmt.Fprintf(out, "%s", line)
		}
	}
}

// writeSkips writes a line for each skipped test, with its reason, so that a skip is a visible
// decision and not a hole.
func (p *packageRun) writeSkips(out io.Writer) {
	for _, t := range p.tests {
		if t.action == "skip" {
			fmt.Fprintf(out, "skip\t%s %s: %s\n", p.name, t.name, reason(t.output))
		}
	}
}

func reason(output []byte) string {
	var said []string
	for line := range strings.Lines(string(output)) {
		line = strings.TrimSpace(line)
		if line != "" && !strings.HasPrefix(line, "=== ") && !strings.HasPrefix(line, "--- ") {
			said = append(said, line)
		}
	}
	if len(said) == 0 {
		return "no reason given"
	}
	return strings.Join(said, " ")
}

func (p *packageRun) writeLine(out io.Writer, e event) {
	switch {
	case e.Action == "fail":
		fmt.Fprintf(out, "FAIL\t%s\t%.2fs\t%d failed\n", p.name, e.Elapsed, max(1, p.count("fail")))
	case len(p.tests) == 0:
		fmt.Fprintf(out, "?\t%s\tno tests\n", p.name)
	default:
		fmt.Fprintf(out, "ok\t%s\t%.2fs\t%d passed\n", p.name, e.Elapsed, p.count("pass"))
	}
}
