// SPDX-License-Identifier: Apache-2.0

package inspect

import (
	"container/list"
	"slices"
	"sync/atomic"
	"time"
)

const (
	maxEntryIDs   = 256 // distinct request ids indexed per trace
	maxEntryLinks = 256 // distinct traces followed per trace
	maxFamily     = 64  // traces shown, and evicted, as one request
)

// entry is what the ring holds of one trace, or of a request id whose lines carry no trace. The fields
// are guarded by the ring's mutex; spans and logs only ever grow, so a reader may keep a copy of the
// slice and read it without the lock.
type entry struct {
	trace   traceID
	spans   []*span
	logs    []*logRecord
	ids     []string
	links   []traceID
	bytes   int
	dropped int
	seq     uint64
	last    time.Time
	elem    *list.Element
	rows    atomic.Pointer[rowCache]
}

// part is an entry's content as of one moment.
type part struct {
	trace traceID
	spans []*span
	logs  []*logRecord
}

func (e *entry) part() part { return part{trace: e.trace, spans: e.spans, logs: e.logs} }

func (e *entry) addID(id string) (interned string, added bool) {
	if i := slices.Index(e.ids, id); i >= 0 {
		return e.ids[i], false
	}
	if len(e.ids) >= maxEntryIDs {
		return id, false
	}
	e.ids = append(e.ids, id)
	return id, true
}

func (e *entry) addLink(t traceID) (added bool) {
	if len(e.links) >= maxEntryLinks || slices.Contains(e.links, t) {
		return false
	}
	e.links = append(e.links, t)
	return true
}
