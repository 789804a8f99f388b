// SPDX-License-Identifier: Apache-2.0

package adapter

import (
	"net/http"

	"github.com/asynclocal/asynclocal/internal/text"
	"github.com/asynclocal/asynclocal/store"
)

// newRequest returns the Request of r, which is answered with the headers answer.
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

// requestID returns the id that a middleware outside has given to the request, else
// the one that r comes with, if it may have one and it is one, else a new one; ""
// leaves that to the store.
func (i *Instrumentation) requestID(answer http.Header, r *http.Request) string {
	sent := i.onlyID(r.Header)
	// Outside it may have been taken from the client, which is not believed more for that.
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

// onlyID returns the id in h, if there is one. A repeated header is none: which of
// them others took is not known.
func (i *Instrumentation) onlyID(h http.Header) string {
	if v := h[i.requestIDHeader]; len(v) == 1 && text.IsRequestID(v[0]) {
		return v[0]
	}
	return ""
}
