// SPDX-License-Identifier: Apache-2.0

package exchange

import (
	"net/http"

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
