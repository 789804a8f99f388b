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

// shape is what the statements, or calls, are that differ in their literals only.
type shape struct {
	hash    uint64
	class   class
	count   int // that began when none of the same was under way
	time    span
	shown   string // once it is a repetition
	at      time.Duration
	running int
}

type shapes struct{ all []shape }

// What a request may have at most, and what is shown of them.
const (
	maxShapes   = 64
	maxRepeated = 5
	maxShown    = 256
)

var seed = maphash.MakeSeed()

// forms are what shapes are written in.
var forms = sync.Pool{New: func() any { return new(make([]byte, 0, 512)) }}

// begin notes an operation of class c that has begun, and returns which shape it has, from 1 on, 0
// if that says nothing; alone, that none of the same is under way.
func (s *shapes) begin(f *facts, c class, at time.Duration) (i int, alone bool) {
	form := forms.Get().(*[]byte)
	defer forms.Put(form)
	var several bool
	*form, several = f.appendShape((*form)[:0], c)
	if len(*form) == 0 || several {
		return 0, false // what has several rows already is no loop over single ones
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

// undo takes a begin back.
func (s *shapes) undo(i int, alone bool, at time.Duration) {
	if i != 0 && alone {
		s.all[i-1].count--
	}
	s.end(i, at)
}

// repeated are the repetitions, the most frequent first.
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

// appendShape writes the shape of what f says, nothing if that cannot be told; several reports
// whether it is of many rows at once.
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

// quotesAreLiterals reports whether the database has strings in double quotes.
func (f *facts) quotesAreLiterals() bool {
	switch f.system {
	case "mysql", "mariadb", "clickhouse", "gcp.spanner", "bigquery", "spark":
		return true
	}
	return false
}
