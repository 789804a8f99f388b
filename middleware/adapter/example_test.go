// SPDX-License-Identifier: Apache-2.0

package adapter_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/asynclocal/asynclocal/middleware/adapter"
	"github.com/asynclocal/asynclocal/store"
)

// failing is a handler of a framework whose handlers return errors.
type failing func(w http.ResponseWriter, r *http.Request) error

// fail is how the framework answers them.
func fail(w http.ResponseWriter, err error) { http.Error(w, err.Error(), http.StatusConflict) }

// instrument is a middleware for the framework.
func instrument(route string, next failing, opts ...adapter.Option) http.Handler {
	i := adapter.New(adapter.Scope{Name: "example.com/failing", Version: "1.0.0"}, nil, opts...)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if i.Skips(w, r, route) {
			if err := next(w, r); err != nil {
				fail(w, err)
			}
			return
		}
		x := new(adapter.Exchange)
		x.Run(i, w, r, adapter.Inbound{Route: route}, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			err := next(w, r)
			o := x.Returned(err)
			if err != nil {
				fail(w, err) // inside the request: what is logged here has its ids
			}
			x.Finish(r, o)
		}))
	})
}

func ExampleExchange() {
	handler := instrument("/orders/:id", func(_ http.ResponseWriter, r *http.Request) error {
		request, _ := store.CurrentFrom(r.Context())
		fmt.Println(request.Name())
		return errors.New("out of stock")
	})

	w := httptest.NewRecorder()
	handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/orders/7", nil))
	fmt.Print(w.Code, " ", w.Body)
	// Output:
	// GET /orders/:id
	// 409 out of stock
}
