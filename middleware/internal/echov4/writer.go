// SPDX-License-Identifier: Apache-2.0

package echov4

import "net/http"

// enter puts the recorder where it belongs, beneath the echo.Response, which handlers find in its
// place, and returns the writer that was there.
func (k *call) enter(recorder http.ResponseWriter) (outside http.ResponseWriter) {
	response := k.c.Response()
	outside, response.Writer = response.Writer, recorder
	return outside
}

// restore gives the middleware outside its writer back. A writer that a middleware inside has put
// around the recorder, and left there, stays: the answer to an error, and what an abandoned handler
// writes, goes through it.
func (k *call) restore(recorder, outside http.ResponseWriter) {
	if response := k.c.Response(); response.Writer == recorder {
		response.Writer = outside
	}
}

// listen observes the answer that something outside gives.
func (k *call) listen() {
	response := k.c.Response()
	response.Before(func() {
		if k.measures() {
			k.Remeasure(k.measured)
		}
		k.Answered(response.Status, -1)
	})
	response.After(func() { k.Answered(response.Status, response.Size) })
}
