// SPDX-License-Identifier: Apache-2.0

package echov5

import (
	"net/http"

	"github.com/labstack/echo/v5"
)

// enter puts the recorder where it belongs, and returns the writer that was there.
func (k *call) enter(recorder http.ResponseWriter) (outside http.ResponseWriter) {
	outside = writer(k.c)
	if k.response, _ = k.c.Response().(*echo.Response); k.response != nil {
		k.response.ResponseWriter = recorder
	} else {
		k.c.SetResponse(recorder)
	}
	return outside
}

// restore gives the middleware outside its writer back. A writer that a middleware inside has put
// around the recorder, and left there, stays: the answer to an error goes through it even without
// us.
func (k *call) restore(recorder, outside http.ResponseWriter) {
	switch {
	case k.response == nil && k.c.Response() == recorder:
		k.c.SetResponse(outside)
	case k.response != nil && k.response.ResponseWriter == recorder:
		k.response.ResponseWriter = outside
	}
}

// listen observes the answer that something outside gives. All answers pass the echo.Response that
// is nearest to the client, after everything that wraps it.
func (k *call) listen() {
	response := nearest(k.c.Response())
	if response == nil {
		// A writer that hides it. WrapMiddleware does the same.
		response = echo.NewResponse(k.c.Response(), k.c.Logger())
		k.c.SetResponse(response)
	}
	response.Before(func() {
		if k.config.metricAttributes != nil {
			k.Remeasure(k.measured)
		}
		k.Answered(response.Status, -1)
	})
	response.After(func() { k.Answered(response.Status, response.Size) })
}

// nearest returns the innermost echo.Response that w is or wraps, or nil.
func nearest(w http.ResponseWriter) (found *echo.Response) {
	for range maxWrapped {
		if response, ok := w.(*echo.Response); ok {
			found = response
		}
		wrapping, ok := w.(interface{ Unwrap() http.ResponseWriter })
		if !ok {
			break
		}
		w = wrapping.Unwrap()
	}
	return found
}

// maxWrapped bounds the search: a writer may unwrap to itself.
const maxWrapped = 32
