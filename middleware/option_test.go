// SPDX-License-Identifier: Apache-2.0

package middleware_test

import (
	"net/http"
	"runtime/pprof"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"

	"github.com/asynclocal/asynclocal/middleware"
	"github.com/asynclocal/asynclocal/store"
)

func TestOnErrorHearsTheErrorInTheRequest(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		register func(*echo.Echo, echo.MiddlewareFunc)
		answer   func(echo.Context, error)
		client   int
		calls    int
	}{
		"and does nothing":                         {inside(), func(echo.Context, error) {}, 500, 1},
		"and answers":                              {inside(), func(c echo.Context, err error) { teapot(err, c) }, 418, 0},
		"and has Echo answer":                      {inside(), func(c echo.Context, err error) { c.Error(err) }, 500, 1},
		"and does nothing, a middleware outside":   {inside(hears(errPlain)), func(echo.Context, error) {}, 500, 1},
		"and answers, a middleware outside":        {inside(swallows), func(c echo.Context, err error) { teapot(err, c) }, 418, 0},
		"and has Echo answer, and swallow outside": {inside(swallows), func(c echo.Context, err error) { c.Error(err) }, 500, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tel := newTelemetry(t)
			calls := 0
			var heard error
			e := newEcho()
			e.HTTPErrorHandler = func(err error, c echo.Context) {
				calls++
				e.DefaultHTTPErrorHandler(err, c)
			}
			tt.register(e, tel.middleware(middleware.WithOnError(func(c echo.Context, err error) {
				if r, _ := store.CurrentFrom(c.Request().Context()); r.ID() != "abc" {
					t.Errorf("the request is %q", r.ID())
				}
				heard = err
				tt.answer(c, err)
			})))
			e.GET("/", fails(errPlain))
			s := serve(t, e)
			if got := get(t, s.Client(), s.URL, "X-Request-Id", "abc"); got.status != tt.client {
				t.Errorf("the client got %d, want %d", got.status, tt.client)
			}
			span := tel.ended(t, 1)[0]
			if status := attributes(span.Attributes())["http.response.status_code"]; status != int64(tt.client) {
				t.Errorf("the span says %v, want %d", status, tt.client)
			}
			if heard != errPlain || calls != tt.calls { //nolint:errorlint // the very one
				t.Errorf("OnError heard %v, the error handler ran %d times, want %d", heard, calls, tt.calls)
			}
		})
	}
}

func TestTheRequestIDIsAProfilerLabelIfAsked(t *testing.T) {
	t.Parallel()
	if !store.Ambient() {
		t.Skip("nothing is ambient")
	}
	for id, opts := range map[string][]middleware.Option{"labelled": {middleware.WithRequestIDLabel()}, "not-labelled": nil} {
		tel := newTelemetry(t)
		var profile strings.Builder
		e := newEcho()
		e.Use(tel.middleware(opts...))
		e.GET("/orders/:id", func(echo.Context) error { return pprof.Lookup("goroutine").WriteTo(&profile, 1) })
		s := serve(t, e)
		get(t, s.Client(), s.URL+"/orders/7", "X-Request-Id", id)
		if !strings.Contains(profile.String(), `"request":"GET /orders/:id"`) {
			t.Error("the route is no label")
		}
		if has := strings.Contains(profile.String(), `"request_id":"`+id+`"`); has != (opts != nil) {
			t.Errorf("%s is a label: %v", id, has)
		}
	}
}

// What has been got from outside is read once, whatever is done to it later.
func TestHeadersThatAHandlerChangesAreNotReadAgain(t *testing.T) {
	t.Parallel()
	tel := newTelemetry(t)
	e := newEcho()
	e.Use(tel.middleware())
	e.GET("/orders/:id", func(c echo.Context) error {
		c.Request().Header.Set("X-Request-Id", "changed")
		c.Request().Method, c.Request().URL.Path, c.Request().Host = http.MethodDelete, "/changed", "changed"
		c.Response().Header().Set("X-Request-Id", "changed")
		return c.NoContent(http.StatusOK)
	})
	s := serve(t, e)
	get(t, s.Client(), s.URL+"/orders/7", "X-Request-Id", "abc")
	l := tel.completion(t, 1)[0]
	if l["request_id"] != "abc" || l["method"] != "GET" || l["path"] != "/orders/7" || l["route"] != "/orders/:id" {
		t.Errorf("the completion line is %v", l)
	}
}
