// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
)

// An event is one line of the stream; `go doc test2json` and `go help buildjson` describe it.
type event struct {
	Action      string
	Package     string
	ImportPath  string // of a build event; may be decorated: "p [p.test]"
	Test        string
	Elapsed     float64
	Output      string
	FailedBuild string // the ImportPath whose build broke the package
}

// A report turns events into text as packages finish. It is not safe for concurrent use.
type report struct {
	out                     io.Writer
	open                    map[string]*packageRun
	builds                  map[string][]byte
	passed, failed, skipped int
}

func newReport(out io.Writer) *report {
	return &report{out: out, open: map[string]*packageRun{}, builds: map[string][]byte{}}
}

// read consumes the stream to its end. A line that is not an event is passed through: the go
// command mixes plain text in when it cannot even start.
func (r *report) read(stream io.Reader) error {
	in := bufio.NewReader(stream)
	for {
		line, err := in.ReadBytes('\n')
		var e event
		switch {
		case len(line) == 0:
		case json.Unmarshal(line, &e) == nil && e.Action != "":
			r.add(e)
		default:
			fmt.Fprintf(r.out, "%s", line)
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func (r *report) add(e event) {
	switch {
	case e.Package == "":
		r.builds[e.ImportPath] = append(r.builds[e.ImportPath], e.Output...)
	case e.Test == "" && terminal(e.Action):
		r.finish(e)
	default:
		r.run(e.Package).add(e)
	}
}

func (r *report) run(name string) *packageRun {
	if r.open[name] == nil {
		r.open[name] = newPackageRun(name)
	}
	return r.open[name]
}

// finish reports a package on its last event.
func (r *report) finish(e event) {
	p := r.run(e.Package)
	delete(r.open, e.Package)
	if e.Action == "fail" {
		p.fail()
		// Two packages broken by one import each need its output, so it stays in the map.
		fmt.Fprintf(r.out, "%s", r.builds[e.FailedBuild])
		p.writeFailures(r.out)
	}
	p.writeSkips(r.out)
	p.writeLine(r.out, e)
	r.passed += p.count("pass")
	r.failed += p.count("fail")
	r.skipped += p.count("skip")
	if e.Action == "fail" && p.count("fail") == 0 {
		r.failed++
	}
}

// close writes the counts and says whether the run is a success.
func (r *report) close() bool {
	for _, name := range slices.Sorted(maps.Keys(r.open)) {
		fmt.Fprintf(r.out, "the stream ended before %s did\n", name)
		r.finish(event{Action: "fail", Package: name})
	}
	if r.passed+r.failed == 0 {
		fmt.Fprintln(r.out, "no test passed")
	}
	fmt.Fprintf(r.out, "%d passed, %d failed, %d skipped\n", r.passed, r.failed, r.skipped)
	return r.failed == 0 && r.passed > 0
}

func terminal(action string) bool {
	return action == "pass" || action == "fail" || action == "skip"
}
