// SPDX-License-Identifier: Apache-2.0

package exchange

import (
	"net/http"
	"slices"

	"github.com/asynclocal/asynclocal/middleware/internal/httpconv"
	"github.com/asynclocal/asynclocal/tracing"
)

// requestID returns the id that a middleware outside has given to the request, else
// the one that r comes with, if it may have one and it is one, else a new one; ""
// leaves that to the store.
func (s *Server) requestID(answer http.Header, r *http.Request) string {
	sent := s.onlyID(r.Header)
	// Outside it may have been taken from the client, who is not believed more for that.
	if given := s.onlyID(answer); given != "" && given != sent {
		return given
	}
	if sent != "" && (s.config.TrustRequestID == nil || s.config.TrustRequestID(r)) {
		return sent
	}
	if s.config.NewRequestID != nil {
		if id := s.config.NewRequestID(); httpconv.ValidRequestID(id) {
			return id
		}
	}
	return ""
}

// onlyID returns the id in h, if there is one. A repeated header is none: which of
// them others took nobody knows.
func (s *Server) onlyID(h http.Header) string {
	if v := h[s.config.RequestIDHeader]; len(v) == 1 && httpconv.ValidRequestID(v[0]) {
		return v[0]
	}
	return ""
}

const serverTiming = "Server-Timing"

// answer sets the response headers that say whom the answer belongs to. Each
// value has an array of its own in the exchange, which is there anyway.
func (x *Exchange) answer(h http.Header) {
	x.header[0] = x.request.ID()
	h[x.server.config.RequestIDHeader] = x.header[0:1:1]
	if !x.server.config.ServerTiming {
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
	switch ids := h[x.server.config.RequestIDHeader]; {
	case informed && (len(ids) == 0 || x.header[1] != "" && !slices.Contains(h[serverTiming], x.header[1])):
		x.answer(h)
	case len(ids) > 1 && ids[0] == x.header[0]:
		h[x.server.config.RequestIDHeader] = x.header[0:1:1]
	}
}

// listHeaders records the response headers that are asked for, as they go out: what is set
// later is not sent, or is a trailer.
func (x *Exchange) listHeaders(h http.Header) {
	if len(x.server.responseHeaders) == 0 || x.recorder.has(listed) || !x.span.IsRecording() {
		return
	}
	x.recorder.note(listed)
	s := scratches.Get().(*scratch)
	defer s.release()
	s.attributes = appendHeaders(s.attributes, x.server.responseHeaders, h)
	x.span.SetAttributes(s.attributes...)
}
