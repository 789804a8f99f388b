// SPDX-License-Identifier: Apache-2.0

//go:build !asynclocal_oldest

package middleware_test

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"

	"github.com/labstack/echo/v4"

	"github.com/asynclocal/asynclocal/middleware"
)

// believeScheme lets a server take the scheme of a request from what f says. Echo has that from v4.16 on.
func believeScheme(e *echo.Echo, f func(*http.Request) string) { e.SchemeExtractor = f }

func Example_behindAProxy() {
	_, proxies, _ := net.ParseCIDR("203.0.113.0/24")

	e := echo.New()
	e.IPExtractor = echo.ExtractIPFromXFFHeader(echo.TrustIPRange(proxies))
	e.SchemeExtractor = echo.ExtractSchemeFromHeaders(echo.TrustIPRange(proxies))
	e.Use(middleware.New(middleware.WithServerName("shop.example.com")))

	e.GET("/", func(c echo.Context) error {
		fmt.Println(c.RealIP(), c.Scheme())
		return nil
	})
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.RemoteAddr = "203.0.113.7:4711"
	r.Header.Set("X-Forwarded-For", "198.51.100.1")
	r.Header.Set("X-Forwarded-Proto", "https")
	e.ServeHTTP(httptest.NewRecorder(), r)
	// Output: 198.51.100.1 https
}
