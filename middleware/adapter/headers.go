// SPDX-License-Identifier: Apache-2.0

package adapter

import (
	"net/http"
	"slices"

	"github.com/asynclocal/asynclocal/tracing"
)

const serverTiming = "Server-Timing"

// answer sets the response headers that identify the request. Each value's array is part of the
// exchange, which is allocated anyway.
func (x *Exchange) answer(h http.Header) {
	x.header[0] = x.request.ID()
	h[x.inst.requestIDHeader] = x.header[0:1:1]
	if !x.inst.serverTiming {
		return
	}
	if x.header[1] = tracing.ServerTiming(x.span); x.header[1] == "" {
		return
	}
	if others := h[serverTiming]; len(others) > 0 {
		h[serverTiming] = append(others, x.header[1])
		return
	}
	h[serverTiming] = x.header[1:2:2]
}

// restate repairs those headers after a proxy inside has changed them: httputil.ReverseProxy adds
// the headers from its backend to ours, and clears all once it has sent a 1xx, which informed
// reports. Headers that a handler itself has set or removed stay that way.
func (x *Exchange) restate(h http.Header, informed bool) {
	switch ids := h[x.inst.requestIDHeader]; {
	case informed && (len(ids) == 0 || x.header[1] != "" && !slices.Contains(h[serverTiming], x.header[1])):
		x.answer(h)
	case len(ids) > 1 && ids[0] == x.header[0]:
		h[x.inst.requestIDHeader] = x.header[0:1:1]
	}
}

// listHeaders records the captured response headers as they go out: headers that are set later are
// not sent, or are trailers.
func (x *Exchange) listHeaders(h http.Header) {
	if len(x.inst.capturedResponse) == 0 || x.has(listed) || !x.span.IsRecording() {
		return
	}
	x.note(listed)
	s := scratches.Get().(*scratch)
	defer s.release()
	s.attributes.List = appendHeaders(s.attributes.List, x.inst.capturedResponse, h)
	x.span.SetAttributes(s.attributes.List...)
}
