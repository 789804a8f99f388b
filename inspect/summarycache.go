// SPDX-License-Identifier: Apache-2.0

package inspect

import (
	"time"

	"github.com/asynclocal/asynclocal/inspect/internal/spanstore"
)

// summaryCache holds an entry's summaries in the list, as of one moment.
type summaryCache struct {
	seq       uint64
	summaries []summary
	more      bool // there are more than the summaries that are made for one trace
	bytes     int  // of what they were made from
	made      time.Time
	took      time.Duration
}

// calm is how many times the duration of making summaries must pass until they are made again.
// Otherwise a large trace that keeps growing would be summarized anew for each look at the list.
const calm = 10

// Rows that were made quickly, or from few bytes, are made again whenever something has changed. If
// few bytes took long, the machine was busy, which is no reason to show old data.
const (
	quick    = 5 * time.Millisecond
	fewBytes = 64 << 10
)

func (c *summaryCache) due() time.Duration {
	if c.took < quick || c.bytes < fewBytes {
		return 0
	}
	return max(0, calm*c.took-time.Since(c.made))
}

// untilCalm and beCalm are the same limit for all large requests together: there may be several.
func (in *Inspector) untilCalm() time.Duration {
	return time.Until(time.Unix(0, in.calmAt.Load()))
}

func (in *Inspector) beCalm(began time.Time) {
	now := time.Now()
	if took := now.Sub(began); took >= quick {
		in.calmAt.Store(now.Add(calm * took).UnixNano())
	}
}

// manyBytes is the size from which on requests are looked at one at a time: that takes as much
// memory again as the records themselves.
const manyBytes = 1 << 20

// summaryBytes is about the size of a row. An entry's first row is part of its overhead.
const summaryBytes = 768

// cached returns the summaries that were last made from an entry, or nil.
func cached(e *spanstore.Entry) *summaryCache {
	c, _ := e.Made.Load().(*summaryCache)
	return c
}

// summaries summarizes a request, once per change. If that takes long, the summaries may be out of
// date; newer ones can be had after due.
func (in *Inspector) summaries(it *spanstore.Request) (c *summaryCache, due time.Duration) {
	e := it.Entry
	if c = cached(e); c != nil && c.seq == it.Seq {
		return c, 0
	}
	if c != nil {
		if due = c.due(); due > 0 {
			return c, due
		}
		if !e.Making.TryLock() {
			return c, quick
		}
	} else {
		e.Making.Lock()
	}
	defer e.Making.Unlock()
	if c = cached(e); c != nil && c.seq >= it.Seq {
		return c, 0
	}
	if it.Bytes > manyBytes {
		if due = in.untilCalm(); due > 0 && c != nil {
			return c, due
		}
		in.heavy.Lock()
		defer in.heavy.Unlock()
		defer in.beCalm(time.Now())
	}
	began := time.Now()
	c = &summaryCache{seq: it.Seq, bytes: it.Bytes}
	c.summaries, c.more = summariesOf(it.Parts, it.Dropped, in.cfg.slow)
	for i := range c.summaries {
		c.summaries[i].ID = in.store.IDOf(it, c.summaries[i].RequestID, len(c.summaries) > 1)
	}
	in.store.ChargeMade(e, max(len(c.summaries)-1, 0)*summaryBytes)
	c.made = time.Now()
	c.took = c.made.Sub(began)
	e.Made.Store(c)
	return c, 0
}
