// SPDX-License-Identifier: Apache-2.0

package spanstore

import (
	"slices"

	"github.com/asynclocal/asynclocal/inspect/internal/telemetry"
)

// maxOwn is how many of its own traces the inspector remembers: a line that comes more than that
// many exports later is shown like any other.
const maxOwn = 256

// ownTraces are traces of requests to the inspector itself. Otherwise an application that
// instruments all of its paths would export the exports of its exports, forever.
type ownTraces struct {
	ids  []telemetry.TraceID
	next int
}

func (o *ownTraces) add(t telemetry.TraceID) {
	if len(o.ids) < maxOwn {
		o.ids = append(o.ids, t)
		return
	}
	o.ids[o.next] = t
	o.next = (o.next + 1) % maxOwn
}

func (o *ownTraces) has(t telemetry.TraceID) bool { return t.Valid() && slices.Contains(o.ids, t) }

// ignore drops what is held of a trace, and what arrives of it later.
func (r *Store) ignore(t telemetry.TraceID) {
	if r.own.has(t) {
		return
	}
	r.own.add(t)
	if e := r.traces[t]; e != nil {
		r.remove(e)
	}
}
