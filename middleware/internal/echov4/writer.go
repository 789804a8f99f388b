// SPDX-License-Identifier: Apache-2.0

package echov4

import "net/http"

// writer is what stands where the recorder belongs: under the echo.Response, which handlers
// find in its place.
func (k *call) writer() http.ResponseWriter { return k.c.Response().Writer }

func (k *call) setWriter(w http.ResponseWriter) { k.c.Response().Writer = w }

// restore gives the middleware outside its writer back. One that a middleware inside has put
// around the recorder, and left there, stays: the answer to an error, and what a handler
// writes that was given up, goes through that.
func (k *call) restore(recorder, outside http.ResponseWriter) {
	if k.writer() == recorder {
		k.setWriter(outside)
	}
}

// listen hears of the answer that something outside gives.
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
