// Consumer of middleware/gin
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/gin-gonic/gin"

	ginmiddleware "github.com/asynclocal/asynclocal/middleware/gin"
	"github.com/asynclocal/asynclocal/store"
)

func main() {
	gin.SetMode(gin.ReleaseMode)
	g := gin.New()
	g.Use(ginmiddleware.New())
	g.GET("/orders/:id", func(c *gin.Context) {
		r, _ := store.Current()
		c.String(http.StatusOK, r.Name()+" "+r.ID())
	})
	r := httptest.NewRequest(http.MethodGet, "/orders/7", nil)
	r.Header.Set("X-Request-Id", "abc-1")
	w := httptest.NewRecorder()
	g.ServeHTTP(w, r)
	fmt.Println(w.Code, w.Body)
}
