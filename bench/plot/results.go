// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"golang.org/x/perf/benchfmt"
)

// benchmark is the one that is drawn, without the word that every name begins with.
const benchmark = "Request"

// The units of the figures, as benchfmt has them.
const (
	seconds = "sec/op"
	bytesOp = "B/op"
	allocs  = "allocs/op"
)

// A cell is one stack in one mode.
type cell struct{ mode, stack string }

// results is what the input says of BenchmarkRequest, modes and stacks in its order.
type results struct {
	modes, stacks []string
	runs          map[cell]map[string][]float64 // by unit, in the input's order
	machine       map[string]string             // its keys are those of machineKeys
	first         string                        // where the machine was told first: file:line
}

// What two results must have in common to stand in one picture.
var machineKeys = []string{"go", "goos", "goarch", "cpu", live, gomaxprocs}

const (
	gomaxprocs = "GOMAXPROCS"
	live       = "live" // what the heap holds all the time, "" for next to nothing
)

// read reads the files, or stdin if there are none. An error names the file, and the line if it is of one.
func read(files []string, stdin io.Reader) (*results, error) {
	r := &results{runs: map[cell]map[string][]float64{}}
	if len(files) == 0 {
		files = []string{"stdin"}
		if err := r.readFrom(stdin, files[0]); err != nil {
			return nil, err
		}
	} else if err := r.readFiles(files); err != nil {
		return nil, err
	}
	if err := r.check(); err != nil {
		return nil, fmt.Errorf("%s: %w", strings.Join(files, ", "), err)
	}
	return r, nil
}

func (r *results) readFiles(names []string) error {
	for _, name := range names {
		f, err := os.Open(name)
		if err != nil {
			return err
		}
		if err := errors.Join(r.readFrom(f, name), f.Close()); err != nil {
			return err
		}
	}
	return nil
}

func (r *results) readFrom(in io.Reader, name string) error {
	reader := benchfmt.NewReader(in, name)
	for reader.Scan() {
		switch record := reader.Result().(type) {
		case *benchfmt.SyntaxError:
			return record
		case *benchfmt.Result:
			if err := r.add(record); err != nil {
				file, line := record.Pos()
				return fmt.Errorf("%s:%d: %w", file, line, err)
			}
		}
	}
	return reader.Err()
}

func (r *results) add(result *benchfmt.Result) error {
	base, parts := result.Name.Parts()
	if string(base) != benchmark {
		return nil
	}
	procs := "1" // go test leaves it out then
	if n := len(parts); n > 0 && parts[n-1][0] == '-' {
		procs, parts = string(parts[n-1][1:]), parts[:n-1]
	}
	if len(parts) != 2 {
		return fmt.Errorf("the name Benchmark%s is not of the form Benchmark%s/mode/stack", result.Name, benchmark)
	}
	if err := r.sameMachine(result, procs); err != nil {
		return err
	}
	return r.addRun(cell{said(parts[0]), said(parts[1])}, result)
}

// said is the name of a subtest as it was before the go command made it one word.
func said(part []byte) string { return strings.ReplaceAll(string(part[1:]), "_", " ") }

func (r *results) addRun(c cell, result *benchfmt.Result) error {
	units := map[string]float64{}
	for _, unit := range []string{seconds, bytesOp, allocs} {
		v, ok := result.Value(unit)
		if !ok {
			return fmt.Errorf("no %s of Benchmark%s: run it with -benchmem", unit, result.Name)
		}
		units[unit] = v
	}
	if r.runs[c] == nil {
		r.runs[c] = map[string][]float64{}
	}
	for unit, v := range units {
		r.runs[c][unit] = append(r.runs[c][unit], v)
	}
	if !slices.Contains(r.modes, c.mode) {
		r.modes = append(r.modes, c.mode)
	}
	if !slices.Contains(r.stacks, c.stack) {
		r.stacks = append(r.stacks, c.stack)
	}
	return nil
}

func (r *results) sameMachine(result *benchfmt.Result, procs string) error {
	machine := map[string]string{gomaxprocs: procs}
	for _, key := range machineKeys[:len(machineKeys)-1] {
		machine[key] = strings.TrimSpace(result.GetConfig(key))
	}
	if r.machine == nil {
		file, line := result.Pos()
		r.machine, r.first = machine, fmt.Sprintf("%s:%d", file, line)
		return nil
	}
	for _, key := range machineKeys {
		if machine[key] != r.machine[key] {
			return fmt.Errorf("%s is %q, and at %s it is %q: a picture is of one machine", key, machine[key], r.first, r.machine[key])
		}
	}
	return nil
}

// check says whether there is anything, and each stack in each mode.
func (r *results) check() error {
	if len(r.runs) == 0 {
		return fmt.Errorf("no results of Benchmark%s", benchmark)
	}
	for _, mode := range r.modes {
		for _, stack := range r.stacks {
			if r.runs[cell{mode, stack}] == nil {
				return fmt.Errorf("%s is not there in mode %q, but in another", stack, mode)
			}
		}
	}
	return nil
}
