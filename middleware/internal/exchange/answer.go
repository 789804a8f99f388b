// SPDX-License-Identifier: Apache-2.0

package exchange

import (
	"encoding/hex"
	"net/http"

	"go.opentelemetry.io/otel/trace"

	"github.com/asynclocal/asynclocal/middleware/internal/httpconv"
)

// requestID returns the id that a middleware outside has given to the request, else
// the one that r comes with, if it may have one and it is one, else a new one; ""
// leaves that to the store.
func (s *Server) requestID(answer http.Header, r *http.Request) string {
	if v := answer[s.config.RequestIDHeader]; len(v) == 1 && httpconv.ValidRequestID(v[0]) {
		return v[0]
	}
	// A repeated header is no id: which of them others took nobody knows.
	if v := r.Header[s.config.RequestIDHeader]; len(v) == 1 && httpconv.ValidRequestID(v[0]) {
		if s.config.TrustRequestID == nil || s.config.TrustRequestID(r) {
			return v[0]
		}
	}
	if s.config.NewRequestID != nil {
		if id := s.config.NewRequestID(); httpconv.ValidRequestID(id) {
			return id
		}
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
	sc := x.span.SpanContext()
	if !sc.IsValid() {
		return
	}
	x.header[1] = timing(sc)
	if others := h[serverTiming]; len(others) > 0 {
		h[serverTiming] = append(others, x.header[1])
		return
	}
	h[serverTiming] = x.header[1:2:2]
}

// timing returns the metric of the Server-Timing header that W3C Trace Context
// names trace, with a traceparent as its description.
func timing(sc trace.SpanContext) string {
	const prefix = "trace;desc=00-"
	var buf [len(prefix) + 32 + 1 + 16 + 1 + 2]byte
	traceID, spanID := sc.TraceID(), sc.SpanID()
	at := copy(buf[:], prefix)
	at += hex.Encode(buf[at:], traceID[:])
	buf[at] = '-'
	at++
	at += hex.Encode(buf[at:], spanID[:])
	buf[at] = '-'
	at++
	hex.Encode(buf[at:], []byte{byte(sc.TraceFlags())})
	return string(buf[:])
}
