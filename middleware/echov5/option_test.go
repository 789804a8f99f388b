// SPDX-License-Identifier: Apache-2.0

package echov5_test

import (
	"testing"

	"github.com/labstack/echo/v5"

	"github.com/asynclocal/asynclocal/middleware/echov5"
	"github.com/asynclocal/asynclocal/store"
)

func TestOnErrorHearsTheErrorInTheRequest(t *testing.T) {
	t.Parallel()
	nothing := func(*echo.Context, error) {}
	handler := func(c *echo.Context, err error) { c.Echo().HTTPErrorHandler(c, err) }
	committed := func(c *echo.Context) error {
		_ = c.String(202, "fine")
		return errPlain
	}
	for name, tt := range map[string]struct {
		register func(*echo.Echo, echo.MiddlewareFunc)
		handler  echo.HandlerFunc
		answer   func(*echo.Context, error)
		client   int
		calls    int
	}{
		"and does nothing":                         {inside(), fails(errPlain), nothing, 500, 1},
		"and answers":                              {inside(), fails(errPlain), teapot, 418, 0},
		"and has Echo answer":                      {inside(), fails(errPlain), handler, 500, 1},
		"after the answer":                         {inside(), committed, nothing, 202, 1},
		"and does nothing, a middleware outside":   {inside(hears(errPlain)), fails(errPlain), nothing, 500, 1},
		"and answers, a middleware outside":        {inside(swallows), fails(errPlain), teapot, 418, 0},
		"and has Echo answer, and swallow outside": {inside(swallows), fails(errPlain), handler, 500, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tel := newTelemetry(t)
			calls := 0
			var heard error
			e := newEcho()
			answer := e.HTTPErrorHandler
			e.HTTPErrorHandler = func(c *echo.Context, err error) {
				calls++
				answer(c, err)
			}
			tt.register(e, tel.middleware(echov5.WithOnError(func(c *echo.Context, err error) {
				if r, _ := store.CurrentFrom(c.Request().Context()); r.ID() != "abc" {
					t.Errorf("the request is %q", r.ID())
				}
				heard = err
				tt.answer(c, err)
			})))
			e.GET("/", tt.handler)
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
