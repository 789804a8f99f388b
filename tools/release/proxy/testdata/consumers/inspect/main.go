// Consumer of .
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"net/http/httptest"

	"github.com/asynclocal/asynclocal/inspect"
)

func main() {
	w := httptest.NewRecorder()
	inspect.New().ServeHTTP(w, httptest.NewRequest("GET", "http://127.0.0.1/", nil))
	fmt.Println(w.Code < 500)
}
