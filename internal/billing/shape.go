// SPDX-License-Identifier: Apache-2.0

package billing

import (
	"cmp"
	"hash/maphash"
	"slices"
	"sync"
	"time"

	"github.com/asynclocal/asynclocal/internal/text"
)

// shape is a group of statements, or calls, that differ only in their literals.
type shape struct {
	hash    uint64
	class   class
	count   int // how many began when no other of the shape was under way
	time    span
	shown   string // its text, from the second on
	at      time.Duration
	running int
}

type shapes struct{ all []shape }

// The limits of a request's shapes, of its repetitions, and of the bytes of a shape that are shown.
const (
	maxShapes   = 64
	maxRepeated = 5
	maxShown    = 256
)

var seed = maphash.MakeSeed()

// forms has buffers for writing shapes.
var forms = sync.Pool{New: func() any { return new(make([]byte, 0, 512)) }}

// begin notes an operation of class c that has begun. It returns the number of its shape, from 1 on,
// or 0 for none. alone reports that no other of the shape is under way.
func (s *shapes) begin(f *facts, c class, at time.Duration) (i int, alone bool) {
	form := forms.Get().(*[]byte)
	defer forms.Put(form)
	var several bool
	*form, several = f.appendShape((*form)[:0], c)
	if len(*form) == 0 || several {
		return 0, false // a statement with several rows is no loop over single rows
	}
	hash := maphash.Bytes(seed, *form)
	i = slices.IndexFunc(s.all, func(o shape) bool { return o.hash == hash && o.class == c })
	if i < 0 {
		if len(s.all) >= maxShapes {
			return 0, false
		}
		i, s.all = len(s.all), append(s.all, shape{hash: hash, class: c})
	}
	o := &s.all[i]
	if alone = o.running == 0; alone {
		o.count++
	}
	if o.count == 2 && o.shown == "" {
		o.shown = text.Valid(string(*form), maxShown)
	}
	o.running++
	o.at = at
	o.time.begin(at)
	return i + 1, alone
}

func (s *shapes) end(i int, at time.Duration) {
	if i == 0 {
		return
	}
	o := &s.all[i-1]
	o.running--
	o.time.end(at)
}

// undo undoes begin.
func (s *shapes) undo(i int, alone bool, at time.Duration) {
	if i != 0 && alone {
		s.all[i-1].count--
	}
	s.end(i, at)
}

// repeated returns the repetitions, with the most frequent first.
func (s *shapes) repeated(c *Config, now time.Duration, zero time.Time) (all []Repetition) {
	if c == nil {
		return nil
	}
	for i := range s.all {
		o := &s.all[i]
		limit := c.Calls
		if o.class == statement {
			limit = c.Statements
		}
		if limit > 0 && o.count >= limit {
			all = append(all, Repetition{Statement: o.class == statement, Shape: o.shown, Count: o.count, Time: o.time.until(now), at: zero.Add(o.at)})
		}
	}
	slices.SortStableFunc(all, func(a, b Repetition) int { return cmp.Compare(b.Count, a.Count) })
	return all[:min(len(all), maxRepeated)]
}

// appendShape writes the shape of what f says, or nothing if it is not known. several reports whether
// a statement has several rows at once.
func (f *facts) appendShape(to []byte, c class) (form []byte, several bool) {
	switch {
	case c == statement && f.query != "":
		return appendStatement(to, f.query, f.quotesAreLiterals())
	case c == statement:
		return append(to, f.summary...), false
	case c == call:
		return f.appendCall(to), false
	}
	return to, false
}

// quotesAreLiterals reports whether the database writes strings in double quotes.
func (f *facts) quotesAreLiterals() bool {
	switch f.system {
	case "mysql", "mariadb", "clickhouse", "gcp.spanner", "bigquery", "spark":
		return true
	}
	return false
}
