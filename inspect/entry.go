// SPDX-License-Identifier: Apache-2.0

package inspect

import (
	"container/list"
	"sync"
	"sync/atomic"
	"time"
)

const (
	maxEntryLinks = 64 // distinct traces followed per trace
	maxFamily     = 64 // traces shown, and evicted, as one request
)

// entry is what the ring holds of one trace, or of a request id whose lines carry no trace. The fields
// are guarded by the ring's mutex; spans and logs only ever grow, so a reader may keep a copy of the
// slice and read it without the lock.
type entry struct {
	trace   traceID
	spans   []*span
	logs    []*logRecord
	ids     set[string]
	links   set[traceID]
	origins set[*origin]
	bytes   int // of its own, without what it shares
	shared  int // of its origins, which others may have, too
	shown   int // of its rows in the list, where it has several
	dropped int
	seq     uint64
	round   uint64 // of the export that renewed it last
	last    time.Time
	elem    *list.Element
	rows    atomic.Pointer[rowCache]
	making  sync.Mutex // of rows, by one reader for all
}

// part is an entry's content as of one moment.
type part struct {
	trace traceID
	spans []*span
	logs  []*logRecord
}

func (e *entry) part() part { return part{trace: e.trace, spans: e.spans, logs: e.logs} }

func (e *entry) addLink(t traceID) (added bool) {
	if len(e.links.list) >= maxEntryLinks {
		return false
	}
	_, added = e.links.add(t)
	return added
}
