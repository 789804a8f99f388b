// SPDX-License-Identifier: Apache-2.0

package adapter

import (
	"net/http"
	"slices"

	"github.com/asynclocal/asynclocal/tracing"
)

const serverTiming = "Server-Timing"

// answer sets the response headers that say whom the answer belongs to. Each
// value has an array of its own in the exchange, which is there anyway.
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

// restate puts right what a proxy inside has made of those headers: httputil.ReverseProxy
// adds the ones from behind it to ours, and clears all once it has sent a 1xx, which
// informed says. What a handler has set or removed by itself stays.
func (x *Exchange) restate(h http.Header, informed bool) {
	switch ids := h[x.inst.requestIDHeader]; {
	case informed && (len(ids) == 0 || x.header[1] != "" && !slices.Contains(h[serverTiming], x.header[1])):
		x.answer(h)
	case len(ids) > 1 && ids[0] == x.header[0]:
		h[x.inst.requestIDHeader] = x.header[0:1:1]
	}
}

// listHeaders records the response headers that are asked for, as they go out: what is set
// later is not sent, or is a trailer.
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
