// SPDX-License-Identifier: Apache-2.0

package inspect

import (
	"slices"
	"strings"

	tracev1 "go.opentelemetry.io/proto/otlp/trace/v1"
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
func (b *batch) isOwn(p *tracev1.Span) bool {
	if b.path == "" || p.GetKind() != tracev1.Span_SPAN_KIND_SERVER {
		return false
	}
	path, ok := strings.CutPrefix(stringOf(p.GetAttributes(), "url.path"), b.path)
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
