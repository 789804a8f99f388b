// SPDX-License-Identifier: Apache-2.0

package middleware_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/labstack/echo/v4"
	"go.opentelemetry.io/otel/codes"

	"github.com/asynclocal/asynclocal/middleware"
)

// A client that goes away is nobody's failure, whatever the handler makes of it.
func TestAClientThatGoesAwayIsNotAServerError(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		opts    func(*echo.Echo, echo.MiddlewareFunc)
		handler echo.HandlerFunc
		status  any
	}{
		{name: "returned as an error", handler: wait},
		{name: "returned as an error of a driver's", handler: func(c echo.Context) error {
			_ = wait(c)
			return errors.New("interrupted (9)")
		}},
		{name: "with a middleware outside", handler: wait, opts: inside(hears(context.Canceled))},
		{name: "answered 500", handler: func(c echo.Context) error {
			_ = wait(c)
			return c.String(http.StatusInternalServerError, "cancelled")
		}},
		{name: "not noticed by the handler", handler: func(c echo.Context) error {
			_ = wait(c)
			return nil
		}},
		{name: "after the status", status: int64(200), handler: func(c echo.Context) error {
			c.Response().WriteHeader(http.StatusOK)
			c.Response().Flush()
			_ = wait(c)
			for range 1000 { // until the connection says so
				if _, err := c.Response().Write(make([]byte, 1<<16)); err != nil {
					return err
				}
			}
			return errors.New("the client is still there")
		}},
	}
	for protocol, start := range protocols {
		for _, tt := range tests {
			t.Run(protocol+", "+tt.name, func(t *testing.T) {
				t.Parallel()
				tel := newTelemetry(t)
				entered := make(chan struct{})
				e := newEcho()
				if tt.opts == nil {
					tt.opts = inside()
				}
				tt.opts(e, tel.middleware())
				e.GET("/", func(c echo.Context) error {
					close(entered)
					return tt.handler(c)
				})
				s := start(t, e)
				leave(t, s, entered)
				span := tel.ended(t, 1)[0]
				all := attributes(span.Attributes())
				if span.Status().Code != codes.Unset || all["error.type"] != nil || all["http.response.status_code"] != tt.status {
					t.Errorf("the span is %v, %v", span.Status(), all)
				}
				if l := tel.completion(t, 1)[0]; l["level"] != "info" || l["client_gone"] != true {
					t.Errorf("the completion line is %v", l)
				}
				metric := attributes(tel.points(t, durationMetric)[0].Attributes.ToSlice())
				if metric["error.type"] != nil || metric["http.response.status_code"] != tt.status {
					t.Errorf("the metric has %v", metric)
				}
			})
		}
	}
}

// leave sends a request and goes away when the handler has been entered.
func leave(t *testing.T, s *httptest.Server, entered <-chan struct{}) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	go cancelWhen(ctx, entered, cancel)
	resp, err := s.Client().Do(req)
	if err == nil {
		resp.Body.Close()
	}
}

func TestAnUploadThatBreaksOffIsNotAServerError(t *testing.T) {
	t.Parallel()
	tel := newTelemetry(t)
	e := newEcho()
	e.Use(tel.middleware(middleware.WithBodySizes()))
	e.POST("/", func(c echo.Context) error {
		_, err := io.ReadAll(c.Request().Body)
		return err
	})
	s := serve(t, e)
	body := io.MultiReader(strings.NewReader("12345"), errorReader{errors.New("the client's disk failed")})
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL, body)
	if err != nil {
		t.Fatal(err)
	}
	req.ContentLength = 1000
	if resp, err := s.Client().Do(req); err == nil {
		resp.Body.Close()
		t.Fatal("the client sent less than it announced, and got an answer")
	}
	span := tel.ended(t, 1)[0]
	if all := attributes(span.Attributes()); span.Status().Code != codes.Unset || all["http.request.body.size"] != int64(5) {
		t.Errorf("the span is %v, %v", span.Status(), all)
	}
}

func TestABodyThatBreaksOffAndOneThatIsNonsense(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		err  error
		gone bool
	}{
		"the end is missing":        {io.ErrUnexpectedEOF, true},
		"the connection was reset":  {&net.OpError{Op: "read", Err: syscall.ECONNRESET}, true},
		"the server read too long":  {&net.OpError{Op: "read", Err: os.ErrDeadlineExceeded}, false},
		"it is not what it is said": {errors.New("malformed chunked encoding"), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tel := newTelemetry(t)
			e := newEcho()
			e.Use(tel.middleware())
			e.POST("/", func(c echo.Context) error {
				_, err := io.ReadAll(c.Request().Body)
				return err
			})
			e.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/", errorReader{tt.err}))
			l := tel.completion(t, 1)[0]
			if gone := l["client_gone"] == true; gone != tt.gone || gone == (l["status"] == float64(500)) {
				t.Errorf("the completion line is %v", l)
			}
		})
	}
}

type errorReader struct{ err error }

func (r errorReader) Read([]byte) (int, error) { return 0, r.err }
