// SPDX-License-Identifier: Apache-2.0

package doctor

import (
	"slices"
	"sync"
)

// MaxSites is the maximum number of places of findings. Findings at further places are counted by
// [Missed].
const MaxSites = 1000

// ward holds the findings.
type ward struct {
	added func() // called for each new one

	mu       sync.Mutex
	findings []*Finding
	sites    map[site]*Finding // nil if it was examined and is correct
	missed   int
}

// site identifies a finding by its kind and its place. entry is the function that the goroutine
// began with, because the same line may be correct on another goroutine.
type site struct{ what, where, entry string }

// see counts an occurrence at s. The first time, examine makes a finding, or returns nil if nothing
// is wrong; it may be called more than once, and one of the calls counts.
func (w *ward) see(s site, examine func() *Finding) {
	w.mu.Lock()
	f, known := w.sites[s]
	full := !known && len(w.sites) >= MaxSites
	switch {
	case full:
		w.missed++
	case f != nil:
		f.Count++
	}
	w.mu.Unlock()
	if known || full {
		return
	}
	f = examine()
	if w.admit(s, f) {
		w.added()
	}
}

// admit records f, and reports whether it is new.
func (w *ward) admit(s site, f *Finding) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if before, known := w.sites[s]; known {
		if before != nil {
			before.Count++
		}
		return false
	}
	if w.sites == nil {
		w.sites = map[site]*Finding{}
	}
	if f == nil {
		w.sites[s] = nil
		return false
	}
	for _, g := range w.findings { // another entry, or a line beside a span
		if g.Kind == f.Kind && g.Where == f.Where {
			g.Count++
			w.sites[s] = g
			return false
		}
	}
	f.Count = 1
	w.sites[s] = f
	w.findings = append(w.findings, f)
	return true
}

// knows reports whether there is a finding of that kind on goroutines started by that go statement.
func (w *ward) knows(kind, created string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.ContainsFunc(w.findings, func(f *Finding) bool { return f.Kind == kind && created != "" && f.CreatedBy == created })
}

func (w *ward) list() []Finding { return w.since(0) }

// since returns copies of the findings from index n on.
func (w *ward) since(n int) []Finding {
	w.mu.Lock()
	defer w.mu.Unlock()
	all := make([]Finding, 0, len(w.findings)-n)
	for _, f := range w.findings[n:] {
		c := *f
		c.Stack = slices.Clone(f.Stack)
		all = append(all, c)
	}
	return all
}

func (w *ward) missedSoFar() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.missed
}
