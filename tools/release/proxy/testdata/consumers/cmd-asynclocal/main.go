// Consumer of cmd/asynclocal
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"net/http"

	"github.com/asynclocal/asynclocal/store"
)

func serve(w http.ResponseWriter, _ *http.Request) {
	tenant := store.New("tenant", "nobody")
	_, _ = w.Write([]byte(tenant.Get()))
}

func main() { http.HandleFunc("/", serve) }
