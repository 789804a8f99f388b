// SPDX-License-Identifier: Apache-2.0

package nethttp_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/asynclocal/asynclocal/middleware/nethttp"
	"github.com/asynclocal/asynclocal/store"
)

func Example() {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /orders/{id}", func(w http.ResponseWriter, r *http.Request) {
		request, _ := store.CurrentFrom(r.Context())
		_, _ = fmt.Fprint(w, request.ID(), " is about order ", r.PathValue("id"))
	})
	instrument := nethttp.New(nethttp.WithServerName("shop.example.com"))
	server := &http.Server{Handler: instrument(mux)}

	r := httptest.NewRequest(http.MethodGet, "/orders/7", nil)
	r.Header.Set("X-Request-Id", "abc-1")
	w := httptest.NewRecorder()
	server.Handler.ServeHTTP(w, r)
	fmt.Println(w.Body)
	// Output: abc-1 is about order 7
}
