// SPDX-License-Identifier: Apache-2.0

package inspect

import "time"

// rowCache is an entry's rows in the list, as of a moment.
type rowCache struct {
	seq   uint64
	rows  []row
	more  bool // than the rows that are made for one trace
	bytes int  // of what they were made of
	made  time.Time
	took  time.Duration
}

// calm is how many times as long as it took to make rows passes until they are made again. A trace that
// grows all the time, and is large, would otherwise be summarised anew for each look at the list.
const calm = 10

// Rows that were made quickly, or of few bytes, are made again whenever something has changed. What few
// bytes take long for is the machine's doing, and no reason to show what was.
const (
	quick    = 5 * time.Millisecond
	fewBytes = 64 << 10
)

func (c *rowCache) due() time.Duration {
	if c.took < quick || c.bytes < fewBytes {
		return 0
	}
	return max(0, calm*c.took-time.Since(c.made))
}

// untilCalm and beCalm have the same hold for all large requests together: there may be several.
func (in *Inspector) untilCalm() time.Duration {
	return time.Until(time.Unix(0, in.calmAt.Load()))
}

func (in *Inspector) beCalm(began time.Time) {
	now := time.Now()
	if took := now.Sub(began); took >= quick {
		in.calmAt.Store(now.Add(calm * took).UnixNano())
	}
}

// manyBytes is from how many on a request is one of those that are looked at one at a time: what that
// takes, beside the records themselves, is as large as they are.
const manyBytes = 1 << 20

// rows summarises a request, once per change. Of one that takes long they may be older: then, after
// due, they are newer.
func (in *Inspector) rows(it *item) (c *rowCache, due time.Duration) {
	e := it.entry
	if c = e.rows.Load(); c != nil && c.seq == it.seq {
		return c, 0
	}
	if c != nil {
		if due = c.due(); due > 0 {
			return c, due
		}
		if !e.making.TryLock() {
			return c, quick
		}
	} else {
		e.making.Lock()
	}
	defer e.making.Unlock()
	if c = e.rows.Load(); c != nil && c.seq >= it.seq {
		return c, 0
	}
	if it.bytes > manyBytes {
		if due = in.untilCalm(); due > 0 && c != nil {
			return c, due
		}
		in.heavy.Lock()
		defer in.heavy.Unlock()
		defer in.beCalm(time.Now())
	}
	began := time.Now()
	c = &rowCache{seq: it.seq, bytes: it.bytes}
	c.rows, c.more = rowsOf(it.parts, it.dropped, in.cfg.slow)
	in.ring.identify(it, c.rows)
	in.ring.chargeRows(e, len(c.rows))
	c.made = time.Now()
	c.took = c.made.Sub(began)
	e.rows.Store(c)
	return c, 0
}

// rowBytes is about what a row takes. That of an entry's first is part of what the entry does.
const rowBytes = 768

// chargeRows accounts for the rows that are held of an entry. The next export has to make room for them:
// who looks does not evict what is looked at.
func (r *ring) chargeRows(e *entry, n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if e.elem == nil {
		return
	}
	r.bytes -= e.shown
	e.shown = max(n-1, 0) * rowBytes
	r.bytes += e.shown
}

// identify gives each row the shortest id that finds this request and no other.
func (r *ring) identify(it *item, rows []row) {
	r.mu.Lock()
	defer r.mu.Unlock()
	trace := it.entry.trace.String()
	for i := range rows {
		rows[i].ID = r.idOf(trace, rows[i].RequestID, len(rows) > 1)
	}
}

// identifyOne does it for a row that is one of others, or not.
func (r *ring) identifyOne(it *item, one *row) {
	r.mu.Lock()
	defer r.mu.Unlock()
	one.ID = r.idOf(it.entry.trace.String(), one.RequestID, len(it.entry.ids.list) > 1)
}

func (r *ring) idOf(trace, id string, several bool) string {
	switch {
	case id == "":
		return trace
	case len(r.ids[id]) == 1 && id != "." && id != "..":
		return id
	case several:
		return trace + "/" + id
	default:
		return trace
	}
}

// holds tells whether an entry was not evicted.
func (r *ring) holds(e *entry) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return e.elem != nil
}
