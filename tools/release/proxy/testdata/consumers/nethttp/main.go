// Consumer of .
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"

	"github.com/asynclocal/asynclocal/logging"
	"github.com/asynclocal/asynclocal/middleware/nethttp"
	"github.com/asynclocal/asynclocal/store"
)

func main() {
	logger := slog.New(logging.NewHandler(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.MessageKey || a.Key == "request_id" {
				return a
			}
			return slog.Attr{}
		},
	})))
	mux := http.NewServeMux()
	mux.HandleFunc("GET /orders/{id}", func(w http.ResponseWriter, _ *http.Request) {
		logger.Info("looking it up")
		r, _ := store.Current()
		fmt.Fprint(w, r.ID())
	})
	server := httptest.NewServer(nethttp.New()(mux))
	defer server.Close()
	r, err := http.NewRequest(http.MethodGet, server.URL+"/orders/7", nil)
	if err != nil {
		panic(err)
	}
	r.Header.Set("X-Request-Id", "abc-1")
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		panic(err)
	}
	_ = res.Body.Close()
	fmt.Println(res.Status)
}
