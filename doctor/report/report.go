// SPDX-License-Identifier: Apache-2.0

// Package report defines the file that a doctor writes and other tools read: where, in a program
// that ran, a context was lost.
//
// It is JSON, and the same for every writer and reader:
//
//	{"version": 1, "findings": [{
//		"kind": "orphan-line",
//		"message": "a line that belongs to no request",
//		"where": "/src/shop/mail/mail.go:31",
//		"stack": ["/src/shop/mail/mail.go:31", "/src/shop/mail/mail.go:24"],
//		"created_by": "/usr/local/go/src/time/sleep.go:215",
//		"count": 12,
//		"request": "POST /orders r-7",
//		"cure": "store.AfterFunc(time.Minute, send)"
//	}]}
//
// Everything here is safe for concurrent use, as long as no Report is changed meanwhile.
package report

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Version is the version of the format that this package writes and reads. Adding a field does not
// change it.
const Version = 1

// A Report holds all findings. The zero value has no findings.
type Report struct {
	Findings []Finding
}

// A Finding is one call site that loses a context, or did.
type Finding struct {
	Kind    string `json:"kind"`    // few distinct values: what is lost, and how
	Message string `json:"message"` // one sentence, for people

	// Where is the place of the code that had no context, or the wrong one: "file:line", with the
	// file as in a traceback.
	Where string `json:"where"`

	// Stack holds the places of the calls that led to Where, as far as they are known, from the
	// innermost, which is Where itself, outward. A reader finds the callback to bind in it.
	Stack []string `json:"stack,omitempty"`

	// CreatedBy is the place of the go statement of the goroutine, or "" if it is not known.
	CreatedBy string `json:"created_by,omitempty"`

	Count   int    `json:"count"`             // how often it was seen
	Request string `json:"request,omitempty"` // an example: its name and id
	Cure    string `json:"cure,omitempty"`    // as code
}

// file is the encoded form of a Report.
type file struct {
	Version  int       `json:"version"`
	Findings []Finding `json:"findings"`
}

// Write writes r to w as indented JSON.
func (r Report) Write(w io.Writer) error {
	f := file{Version: Version, Findings: r.Findings}
	if f.Findings == nil {
		f.Findings = []Finding{}
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(f)
}

// Read reads a Report. It returns an error, never an empty Report, if the input is not a Report, is
// of another version, or has a finding whose Where is not a place: a reader that fixes only what
// was found would take an empty Report for a clean bill of health.
func Read(r io.Reader) (Report, error) {
	dec := json.NewDecoder(r)
	var f file
	if err := dec.Decode(&f); err != nil {
		return Report{}, fmt.Errorf("report: not a report: %w", err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return Report{}, errors.New("report: something follows the report")
	}
	if f.Version != Version {
		return Report{}, fmt.Errorf("report: version is %d, want %d", f.Version, Version)
	}
	if f.Findings == nil {
		return Report{}, errors.New("report: findings is missing")
	}
	for i, finding := range f.Findings {
		if _, _, ok := Place(finding.Where); !ok {
			return Report{}, fmt.Errorf("report: findings[%d].where is %q, want file:line", i, finding.Where)
		}
	}
	return Report{Findings: f.Findings}, nil
}

// Places returns every well-formed place of f: Where first, then Stack and CreatedBy.
func (f Finding) Places() []string {
	var all []string
	for _, p := range append([]string{f.Where}, append(f.Stack, f.CreatedBy)...) {
		if _, _, ok := Place(p); ok {
			all = append(all, p)
		}
	}
	return all
}

// Place splits "file:line"; ok is false if s does not have that form. The file may contain colons.
func Place(s string) (file string, line int, ok bool) {
	i := strings.LastIndexByte(s, ':')
	if i <= 0 {
		return "", 0, false
	}
	line, err := strconv.Atoi(s[i+1:])
	if err != nil || line < 1 {
		return "", 0, false
	}
	return s[:i], line, true
}
