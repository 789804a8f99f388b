// SPDX-License-Identifier: Apache-2.0

package vet

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/asynclocal/asynclocal/doctor/report"
)

// Config is what the analyzers of one call of [Analyzers] share. Fill it in before they run, and do
// not change it afterwards. The zero value, and nil, are the defaults.
type Config struct {
	// Findings is the path of a report of package doctor: the analyzers then show exactly the
	// places in it, including places that they would otherwise leave out as unlikely. "" means no
	// report. Text after a # is ignored: see [Config.Flags].
	Findings string

	// Adopt treats every module as if it used package tracing, for modules that are about to.
	Adopt bool

	once sync.Once
	seen seen
	err  error
}

// Flags defines flags for the fields of c: -findings, -adopt. Parse them before the analyzers run.
//
// The go command caches the output of a vet tool by its flags, and does not know the content of a
// report. The caller must append # and a digest of the report to the path, as the command does.
func (c *Config) Flags(set *flag.FlagSet) {
	set.StringVar(&c.Findings, "findings", c.Findings, "show and fix only what this report of package doctor has, an absolute `path`")
	set.BoolVar(&c.Adopt, "adopt", c.Adopt, "check as if the module used package tracing already")
}

// places returns what doctor has seen, or nil if there is no report.
func (c *Config) places() (seen, error) {
	c.once.Do(func() {
		if c.Findings != "" {
			c.seen, c.err = readReport(c.Findings)
		}
	})
	return c.seen, c.err
}

func readReport(path string) (seen, error) {
	path, _, _ = strings.Cut(path, "#")
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("findings: %w", err)
	}
	r, err := report.Read(bytes.NewReader(text))
	if err != nil {
		return nil, fmt.Errorf("findings: %s: %w", path, err)
	}
	found := seen{}
	for _, finding := range r.Findings {
		for _, p := range finding.Places() {
			file, line, _ := report.Place(p)
			file = filepath.ToSlash(file)
			name := file[strings.LastIndexByte(file, '/')+1:]
			found[name] = append(found[name], place{file, line})
		}
	}
	return found, nil
}

// seen has the places of a report, by the last element of their file.
type seen map[string][]place

type place struct {
	file string
	line int
}

// within reports whether a place is in the lines from first to last of a file. In a program that
// was built with -trimpath, the file begins with the import path of its package instead of the
// directory, so either matches; a relative file is compared with the end.
func (s seen) within(file, importPath string, first, last int) bool {
	file = filepath.ToSlash(file)
	name := file[strings.LastIndexByte(file, '/')+1:]
	for _, p := range s[name] {
		same := p.file == file || p.file == importPath+"/"+name || strings.HasSuffix(file, "/"+p.file)
		if same && first <= p.line && p.line <= last {
			return true
		}
	}
	return false
}
