// SPDX-License-Identifier: Apache-2.0

package blackbox

import "sync/atomic"

// Stats counts what a Box has done since it was made.
type Stats struct {
	Held     int   // undecided spans that are kept now
	Exported int64 // traces that were exported
	Dropped  int64 // spans of requests that went well
	Lost     int64 // spans over the limits
	Evicted  int64 // requests that made room for others
}

type counts struct {
	open                             atomic.Int64 // exported traces under way
	exported, dropped, lost, evicted atomic.Int64
}

// Stats returns what b has done so far.
func (b *Box) Stats() Stats {
	s := Stats{Exported: b.counts.exported.Load(), Dropped: b.counts.dropped.Load(), Lost: b.counts.lost.Load(), Evicted: b.counts.evicted.Load()}
	for i := range b.shards {
		shard := &b.shards[i]
		shard.mu.Lock()
		s.Held += shard.spans
		shard.mu.Unlock()
	}
	return s
}
