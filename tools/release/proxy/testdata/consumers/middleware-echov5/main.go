// Consumer of middleware/echov5
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/labstack/echo/v5"

	"github.com/asynclocal/asynclocal/middleware/echov5"
	"github.com/asynclocal/asynclocal/store"
)

func main() {
	e := echo.New()
	e.Use(echov5.New())
	e.GET("/orders/:id", func(c *echo.Context) error {
		r, _ := store.Current()
		return c.String(http.StatusOK, r.Name()+" "+r.ID())
	})
	r := httptest.NewRequest(http.MethodGet, "/orders/7", nil)
	r.Header.Set("X-Request-Id", "abc-1")
	w := httptest.NewRecorder()
	e.ServeHTTP(w, r)
	fmt.Println(w.Code, w.Body)
}
