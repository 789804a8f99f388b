// SPDX-License-Identifier: Apache-2.0

package echov5_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/labstack/echo/v5"

	"github.com/asynclocal/asynclocal/internal/servertest"
	"github.com/asynclocal/asynclocal/middleware/echov5"
)

func TestHandlersFindTheResponseOfEcho(t *testing.T) {
	t.Parallel()
	tel := servertest.NewTelemetry()
	e := newEcho()
	e.Use(ours(tel))
	e.GET("/", func(c *echo.Context) error {
		response, ok := c.Response().(*echo.Response)
		if !ok {
			t.Fatalf("the response is a %T", c.Response())
		}
		_ = c.NoContent(http.StatusAccepted)
		if !response.Committed || response.Status != http.StatusAccepted {
			t.Errorf("the response is committed: %v, with %d", response.Committed, response.Status)
		}
		return nil
	})
	s := servertest.Serve(t, e)
	servertest.Get(t, s, "/")
}

// A writer that is left in place is what an error is answered through.
func TestAWriterThatAMiddlewareInsideLeavesStays(t *testing.T) {
	t.Parallel()
	for name, outside := range map[string]echo.MiddlewareFunc{"around Echo's": passesOn, "around another": hides} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tel := servertest.NewTelemetry()
			left := hiding{}
			e := newEcho()
			e.Use(outside, func(next echo.HandlerFunc) echo.HandlerFunc {
				return func(c *echo.Context) error {
					err := next(c)
					if response, ok := c.Response().(*echo.Response); !ok || response.ResponseWriter != left {
						t.Errorf("the response is a %T", c.Response())
					}
					return err
				}
			}, ours(tel), func(next echo.HandlerFunc) echo.HandlerFunc {
				return func(c *echo.Context) error {
					left.w = c.Response()
					c.SetResponse(left)
					return next(c)
				}
			})
			e.GET("/", handler(servertest.Fails(servertest.ErrPlain)))
			w := httptest.NewRecorder()
			e.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
			if all := servertest.Map(tel.Ended(t, 1)[0].Attributes()); w.Code != 500 || all["http.response.status_code"] != int64(500) {
				t.Errorf("answered %d; the span has %v", w.Code, all)
			}
		})
	}
}

// Echo answers HEAD with what the handler of GET would, if it is told to, through a
// writer that is around the whole of a route.
func TestAHeadThatAHandlerOfGetAnswers(t *testing.T) {
	t.Parallel()
	for name, register := range map[string]func(e *echo.Echo, ours echo.MiddlewareFunc, h echo.HandlerFunc){
		"outside of the route": func(e *echo.Echo, ours echo.MiddlewareFunc, h echo.HandlerFunc) { e.Use(ours); e.GET("/x", h) },
		"on the route":         func(e *echo.Echo, ours echo.MiddlewareFunc, h echo.HandlerFunc) { e.GET("/x", h, ours) },
	} {
		for status, handler := range map[int]echo.HandlerFunc{
			http.StatusAccepted: func(c *echo.Context) error { return c.String(http.StatusAccepted, "body") },
			http.StatusConflict: handler(servertest.Fails(echo.NewHTTPError(http.StatusConflict, "no"))),
		} {
			t.Run(name+", "+http.StatusText(status), func(t *testing.T) {
				t.Parallel()
				tel := servertest.NewTelemetry()
				var calls atomic.Int32
				answer := echo.DefaultHTTPErrorHandler(false)
				e := echo.NewWithConfig(echo.Config{
					Router: echo.NewRouter(echo.RouterConfig{AutoHandleHEAD: true}),
					HTTPErrorHandler: func(c *echo.Context, err error) {
						calls.Add(1)
						answer(c, err)
					},
				})
				register(e, ours(tel, echov5.WithBodySizes()), handler)
				s := servertest.Serve(t, e)
				resp, err := s.Client().Head(s.URL + "/x")
				if err != nil {
					t.Fatal(err)
				}
				resp.Body.Close()
				all := servertest.Map(tel.Ended(t, 1)[0].Attributes())
				if resp.StatusCode != status || all["http.response.status_code"] != int64(status) || all["http.response.body.size"] != int64(0) {
					t.Errorf("answered %d; the span has %v", resp.StatusCode, all)
				}
				if failed := status == http.StatusConflict; calls.Load() != 1 && failed || calls.Load() != 0 && !failed {
					t.Errorf("the error handler ran %d times", calls.Load())
				}
			})
		}
	}
}

func TestARouteOfAnotherEcho(t *testing.T) {
	t.Parallel()
	tel := servertest.NewTelemetry()
	ours := ours(tel)
	inner := newEcho()
	inner.Use(ours)
	inner.GET("/shop/:id", handler(servertest.Fails(echo.ErrForbidden)))
	for name, build := range map[string]func() http.Handler{
		"a virtual host": func() http.Handler { return echo.NewVirtualHostHandler(map[string]*echo.Echo{"shop": inner}) },
		"mounted": func() http.Handler {
			outer := newEcho()
			outer.Use(ours)
			outer.Any("/shop/*", echo.WrapHandler(inner))
			return outer
		},
	} {
		r := httptest.NewRequest(http.MethodGet, "http://shop/shop/7", nil)
		w := httptest.NewRecorder()
		build().ServeHTTP(w, r)
		spans := tel.Spans.Ended()
		if span := spans[len(spans)-1]; w.Code != http.StatusForbidden || !strings.HasPrefix(span.Name(), "GET /shop/") {
			t.Errorf("%s: answered %d, the span is %q", name, w.Code, span.Name())
		}
	}
	tel.Ended(t, 2)
}

// What a handler's unit test does: no Echo, no server.
func TestTheMiddlewareWithoutAnEcho(t *testing.T) {
	t.Parallel()
	tel := servertest.NewTelemetry()
	ctx := echo.NewContext(httptest.NewRequest(http.MethodPost, "/", strings.NewReader(`{}`)), httptest.NewRecorder())
	err := ours(tel)(func(c *echo.Context) error {
		var body struct{}
		if err := json.NewDecoder(c.Request().Body).Decode(&body); err != nil {
			return err
		}
		return io.ErrClosedPipe
	})(ctx)
	if !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("got %v", err)
	}
	if err := ctx.NoContent(http.StatusNoContent); err != nil {
		t.Fatal(err)
	}
	tel.Ended(t, 1)
}
