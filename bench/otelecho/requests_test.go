// SPDX-License-Identifier: Apache-2.0

package otelecho_test

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"
)

// A sent is a request as it is written to the connection, and the name that the server
// under test is given.
type sent struct {
	server, method, target, version, host string

	headers []string
	body    string
}

func (s sent) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s %s\r\n", s.method, s.target, s.version)
	if s.host != "none" {
		fmt.Fprintf(&b, "Host: %s\r\n", s.host)
	}
	for _, h := range s.headers {
		b.WriteString(h + "\r\n")
	}
	b.WriteString("Connection: close\r\n\r\n" + s.body)
	return b.String()
}

var (
	methods = []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE", "QUERY", "PROPFIND", "get", "BREW"}
	targets = []string{
		"/", "//", "/users/7", "/users/7?page=2", "/users/7?sig=secret&page=2", "/users/7?", "/users/a%2Fb", "/users/a%20b", "/users/%C3%A4",
		"/users/ä", "/users/%ff", "/users/..%2f", "/a/../users/7", "/users/7;v=1", "/users/7#x", "/users/" + strings.Repeat("x", 3000),
		"/files/a/b.txt", "/nowhere", "/nowhere/%zz", "http://other.example/users/7", "http://other.example:81/users/7", "http://other.example",
		"/status/200", "/status/201", "/status/204", "/status/304", "/status/400", "/status/404", "/status/499", "/status/500", "/status/503", "/status/599", "/status/600", "/status/999",
		"/fail/400", "/fail/401", "/fail/404", "/fail/409", "/fail/500", "/fail/503", "/plain", "/late", "/silent", "/redirect", "/panic", "/hidden", "/big",
	}
	hosts    = []string{"shop.example.com", "shop.example.com:80", "shop.example.com:443", "shop.example.com:8080", "SHOP.example.com", "127.0.0.1", "127.0.0.1:81", "[::1]", "[::1]:81", "none", "", "a:b", "shop:0", "shop:99999"}
	versions = []string{"HTTP/1.1", "HTTP/1.0"}
	servers  = []string{"", "shop.example.com", "shop.example.com:80", "shop.example.com:443", "shop.example.com:8080", "127.0.0.1:81", "[::1]:81", "[::1]", "a shop", "shop/one"}
	headers  = [][]string{
		{"User-Agent: curl/8"}, {"User-Agent:"}, {"X-Forwarded-For: 203.0.113.9"}, {"X-Forwarded-For: 203.0.113.9, 198.51.100.1"}, {"X-Forwarded-For: nonsense"},
		{"X-Real-IP: 203.0.113.9"}, {"Forwarded: for=203.0.113.9;proto=https"}, {"X-Forwarded-Proto: https"}, {"X-Forwarded-Proto: ws"}, {"X-Forwarded-Host: other.example"}, {"X-Forwarded-Ssl: on"},
		{"traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}, {"traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"},
		{"traceparent: nonsense"}, {"traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "tracestate: a=1,b=2"}, {"baggage: a=1"},
		{"X-HTTP-Method-Override: DELETE"}, {"Cookie: a=b"}, {"Authorization: Bearer secret"}, {"X-Request-Id: abc-1"}, {"Content-Type: application/json"},
	}
)

// requests are each method with each target, and whatever else there is with a few.
func requests() (all []sent) {
	plain := sent{"shop.example.com", "GET", "/users/7", "HTTP/1.1", "shop.example.com", nil, ""}
	add := func(change func(*sent)) {
		s := plain
		change(&s)
		all = append(all, s)
	}
	for _, m := range methods {
		for _, target := range targets {
			add(func(s *sent) { s.method, s.target = m, target })
		}
	}
	for _, server := range servers {
		for _, host := range hosts {
			add(func(s *sent) { s.server, s.host = server, host })
		}
	}
	for _, h := range headers {
		for _, target := range []string{"/users/7", "/plain", "/nowhere"} {
			for _, version := range versions {
				add(func(s *sent) { s.headers, s.target, s.version = h, target, version })
			}
		}
	}
	for _, target := range []string{"/users/7", "/read", "/plain"} {
		add(func(s *sent) {
			s.method, s.target, s.headers, s.body = "POST", target, []string{"Content-Length: 4"}, "body"
		})
		add(func(s *sent) {
			s.method, s.target, s.headers, s.body = "POST", target, []string{"Transfer-Encoding: chunked"}, "4\r\nbody\r\n0\r\n\r\n"
		})
	}
	return all
}

// shop is what is served, around which the middleware is put.
func shop(m echo.MiddlewareFunc) *echo.Echo {
	e := echo.New()
	e.HideBanner = true
	e.Logger.SetOutput(discard{})
	e.Use(m)
	user := func(c echo.Context) error { return c.String(http.StatusOK, c.Param("id")) }
	code := func(c echo.Context) int { n, _ := strconv.Atoi(c.Param("code")); return n }
	e.Any("/users/:id", user)
	e.Any("/files/*", user)
	e.Any("/status/:code", func(c echo.Context) error { return c.NoContent(code(c)) })
	e.Any("/fail/:code", func(c echo.Context) error { return echo.NewHTTPError(code(c), "failed") })
	e.Any("/plain", func(echo.Context) error { return errors.New("plain") })
	e.Any("/hidden", func(echo.Context) error { return echo.ErrNotFound.WithInternal(errors.New("plain")) })
	e.Any("/late", func(c echo.Context) error { _ = user(c); return errors.New("late") })
	e.Any("/silent", func(echo.Context) error { return nil })
	e.Any("/redirect", func(c echo.Context) error { return c.Redirect(http.StatusFound, "/users/7") })
	e.Any("/panic", func(echo.Context) error { panic("boom") })
	e.Any("/big", func(c echo.Context) error { return c.String(http.StatusOK, strings.Repeat("x", 10_000)) })
	e.Any("/read", func(c echo.Context) error {
		var b [8]byte
		n, _ := c.Request().Body.Read(b[:])
		return c.String(http.StatusOK, string(b[:n]))
	})
	return e
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }
