// SPDX-License-Identifier: Apache-2.0

package inspect

import (
	"slices"
	"strings"
)

// maxOwn is how many of its own traces the inspector remembers: a line that comes later than that many
// exports is shown as anybody's.
const maxOwn = 256

// ownTraces are traces of requests to the inspector itself. An application that instruments all of its
// paths would otherwise export the exports of its exports, for ever.
type ownTraces struct {
	ids  []traceID
	next int
}

func (o *ownTraces) add(t traceID) {
	if len(o.ids) < maxOwn {
		o.ids = append(o.ids, t)
		return
	}
	o.ids[o.next] = t
	o.next = (o.next + 1) % maxOwn
}

func (o *ownTraces) has(t traceID) bool { return t.valid() && slices.Contains(o.ids, t) }

// ignore drops what is held of a trace, and what comes of it later.
func (r *ring) ignore(t traceID) {
	if r.own.has(t) {
		return
	}
	r.own.add(t)
	if e := r.traces[t]; e != nil {
		r.remove(e)
	}
}

// isOwn tells whether a span is the server's side of a request to the inspector.
func (b *batch) isOwn(s *span, urlPath []byte) bool {
	if b.path == "" || s.kind != kindServer {
		return false
	}
	path, ok := strings.CutPrefix(string(urlPath), b.path)
	if !ok {
		return false
	}
	if path == "" || path == "/" {
		return true
	}
	return slices.ContainsFunc([]string{"/v1/", "/api/", "/requests/", "/assets/", "/login"}, func(prefix string) bool {
		return strings.HasPrefix(path, prefix)
	})
}
