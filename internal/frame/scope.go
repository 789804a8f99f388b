// SPDX-License-Identifier: Apache-2.0

package frame

import (
	"sync"
	"sync/atomic"
	"time"
	"weak"

	"github.com/asynclocal/asynclocal/internal/ambient"
)

// DefaultLinger is how long inheritors keep a request after its end.
const DefaultLinger = 5 * time.Minute

// Forever is the linger of a request whose inheritors keep it for good.
const Forever time.Duration = -1

// OnReleased and OnLate are set by store and told when a request's scope has been
// released, and, once per request, when an inheritor reads it after that.
var (
	OnReleased func(request *Scope)
	OnLate     func(request *Scope)
)

func (s *Scope) late() {
	if r := s.request; OnLate != nil && !r.told.Swap(true) {
		OnLate(r)
	}
}

// Scope is the time in which frames are good: a request's, from the start of its
// Run, or that of bound work done for a request after it. A scope that has ended
// lingers, then expires: its frames read as unset and its values are released.
type Scope struct {
	// Owner is the store.Request; Request its scope: of bound work, the request's.
	Owner   any
	request *Scope
	cell    Cell

	ended  atomic.Int64 // ticks; 0: not yet
	linger atomic.Int64
	first  string // the first name, most often the only one
	name   atomic.Pointer[string]
	id     atomic.Pointer[string] // as a label; nil: none
	told   atomic.Bool            // of a late reader
	named  atomic.Bool            // first is taken

	released bool // by expire, and not opened again since
	mu       sync.Mutex
	runs     int32   // of the request, that have not returned
	nested   *nested // nil: nothing

	group *group // that expires with it; the registry's lock guards it
}

// nested is what expires with a scope, where that is more than its own cell.
type nested struct {
	blocks []weak.Pointer[block] // of frames nested in the scope
	bound  []weak.Pointer[Scope] // bound runs that ended before the request did
}

// holds returns what s notes of what expires with it. The lock is held.
func (s *Scope) holds() *nested {
	if s.nested == nil {
		s.nested = new(nested)
	}
	return s.nested
}

// Init makes s the scope of a request.
func (s *Scope) Init(owner any) {
	s.Owner, s.request = owner, s
	s.linger.Store(int64(DefaultLinger))
}

// SetLinger sets how long inheritors keep the request after its end.
func (s *Scope) SetLinger(d time.Duration) { s.linger.Store(int64(d)) }

// SetName sets the label of frames made from now on.
func (s *Scope) SetName(name string) {
	at := &s.first
	if s.named.Swap(true) {
		at = new(string)
	}
	*at = name
	s.name.Store(at)
}

// Name returns what SetName has set, "" before.
func (s *Scope) Name() string {
	if p := s.name.Load(); p != nil {
		return *p
	}
	return ""
}

// SetIDLabel makes id a second label of frames made from now on.
func (s *Scope) SetIDLabel(id string) { s.id.Store(&id) }

// outside is the scope of frames in no request: it never ends.
var outside Scope

func (s *Scope) label() string {
	if s.request == nil {
		return ""
	}
	return ambient.Label(s.request.Name())
}

func (s *Scope) idLabel() string {
	if s.request == nil {
		return ""
	}
	if p := s.request.id.Load(); p != nil {
		return *p
	}
	return ""
}

// start is the zero of ticks. Ticks are monotonic, and in a synctest bubble they
// follow its clock.
var start = time.Now()

func ticks(now time.Time) int64 {
	if t := int64(now.Sub(start)); t != 0 {
		return t
	}
	return 1
}

// open begins a run of the request with v, and returns the cell that leads to v:
// the request's own for the first run. One inside, beside or after it has another,
// for the first may still be read.
func (s *Scope) open(v *Values) *Cell {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.runs++
	s.released = false
	s.ended.Store(0)
	c := &s.cell
	if c.values.Load() != nil {
		b := new(block)
		s.remember(weak.Make(b))
		c = &b.cells[0]
	}
	c.values.Store(v)
	return c
}

// returned counts a run of the request that has returned, and reports whether it
// was the last, and ended the request.
func (s *Scope) returned(now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.runs--; s.runs > 0 {
		return false
	}
	s.ended.Store(ticks(now))
	return true
}

// Ended reports whether the scope's work has returned.
func (s *Scope) Ended() bool { return s.ended.Load() != 0 }

// End ends bound work, or a run of a request, and the request with its last run.
func (s *Scope) End() {
	now := time.Now()
	if s.request == s {
		if s.returned(now) {
			s.expireLater(now)
		}
		return
	}
	s.ended.Store(ticks(now))
	if s.request.Ended() {
		s.expireLater(now)
		return
	}
	s.request.adopt(s, now)
}

// Expired reports whether s and its request ended longer ago than the linger.
func (s *Scope) Expired() bool {
	ended := s.ended.Load()
	if ended == 0 {
		return false
	}
	if r := s.request; r != s {
		end := r.ended.Load()
		if end == 0 {
			return false
		}
		ended = max(ended, end)
	}
	linger := s.request.linger.Load()
	return linger >= 0 && ticks(time.Now())-ended >= linger
}

// remember notes a block of s's, and forgets the dead where they have piled up.
func (s *Scope) remember(b weak.Pointer[block]) {
	h := s.holds()
	if len(h.blocks) == cap(h.blocks) {
		h.blocks = living(h.blocks)
	}
	h.blocks = append(h.blocks, b)
}

// adopt makes the request expire a bound run's scope when its own time comes.
func (s *Scope) adopt(bound *Scope, now time.Time) {
	s.mu.Lock()
	h := s.holds()
	if len(h.bound) == cap(h.bound) {
		h.bound = living(h.bound)
	}
	h.bound = append(h.bound, weak.Make(bound))
	s.mu.Unlock()
	if s.Ended() {
		bound.expireLater(now)
	}
}

// living returns list without its dead pointers, with room for as many more, so
// that looking for the dead costs each addition the same.
func living[T any](list []weak.Pointer[T]) []weak.Pointer[T] {
	kept := make([]weak.Pointer[T], 0, 8)
	for _, w := range list {
		if w.Value() != nil {
			kept = append(kept, w)
		}
	}
	if n := len(kept); 2*n > cap(kept) {
		kept = append(make([]weak.Pointer[T], 0, 2*n), kept...)
	}
	return kept
}

// expire releases what frames of s lead to. Bound work that still runs keeps its
// own: it holds the values themselves. A request that was opened again meanwhile
// expires after that run.
func (s *Scope) expire() {
	s.mu.Lock()
	if !s.Ended() {
		s.mu.Unlock()
		return
	}
	s.released = true
	s.cell.set(nil)
	h := s.nested
	s.nested = nil
	s.mu.Unlock()
	if h != nil {
		h.expire()
	}
	if OnReleased != nil && s.request == s {
		OnReleased(s)
	}
}

func (h *nested) expire() {
	for _, w := range h.blocks {
		if b := w.Value(); b != nil {
			b.clear()
		}
	}
	for _, w := range h.bound {
		if b := w.Value(); b != nil {
			b.expire()
		}
	}
}
