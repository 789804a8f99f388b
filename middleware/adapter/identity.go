// SPDX-License-Identifier: Apache-2.0

package adapter

import (
	"net/http"

	"github.com/asynclocal/asynclocal/internal/text"
	"github.com/asynclocal/asynclocal/store"
)

// newRequest returns the Request for r, which is answered with the headers answer.
func (i *Instrumentation) newRequest(answer http.Header, r *http.Request) *store.Request {
	request := store.NewRequest(i.requestID(answer, r))
	if i.lingerSet {
		request.SetLinger(i.linger)
	}
	if i.labelRequestID {
		request.LabelID()
	}
	return request
}

// requestID returns the id that an outer middleware has given to the request, else the id in r if
// it is trusted and valid, else a new one; "" leaves that to the store.
func (i *Instrumentation) requestID(answer http.Header, r *http.Request) string {
	sent := i.onlyID(r.Header)
	// An outer middleware may have taken it from the client; that makes it no more trustworthy.
	if given := i.onlyID(answer); given != "" && given != sent {
		return given
	}
	if sent != "" && (i.trustRequestID == nil || i.trustRequestID(r)) {
		return sent
	}
	if i.newRequestID != nil {
		if id := i.newRequestID(); text.IsRequestID(id) {
			return id
		}
	}
	return ""
}

// onlyID returns the id in h, or "". A repeated header counts as absent: it is not known which
// value others took.
func (i *Instrumentation) onlyID(h http.Header) string {
	if v := h[i.requestIDHeader]; len(v) == 1 && text.IsRequestID(v[0]) {
		return v[0]
	}
	return ""
}
