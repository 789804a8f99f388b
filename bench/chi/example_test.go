// SPDX-License-Identifier: Apache-2.0

// Package chi_test shows the middleware for net/http inside chi.
package chi_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/go-chi/chi/v5"

	"github.com/asynclocal/asynclocal/middleware/nethttp"
	"github.com/asynclocal/asynclocal/store"
)

func Example() {
	var request *store.Request

	r := chi.NewRouter()
	r.Use(nethttp.New(nethttp.WithRoute(func(r *http.Request) string {
		return chi.RouteContext(r.Context()).RoutePattern()
	})))
	r.Get("/orders/{id}", func(w http.ResponseWriter, r *http.Request) {
		request, _ = store.CurrentFrom(r.Context())
		w.WriteHeader(http.StatusNoContent)
	})

	r.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/orders/7", nil))
	fmt.Println(request.Name())
	// Output: GET /orders/{id}
}
