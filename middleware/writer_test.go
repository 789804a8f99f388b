// SPDX-License-Identifier: Apache-2.0

package middleware_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"
	echomiddleware "github.com/labstack/echo/v4/middleware"

	"github.com/asynclocal/asynclocal/internal/servertest"
)

// Echo's Timeout leaves its writer in the response when the time is over: what the late
// handler writes must not get into an answer that is finished.
func TestAWriterThatIsLeftInsideStays(t *testing.T) {
	t.Parallel()
	tel := servertest.NewTelemetry()
	e := newEcho()
	type left struct{ http.ResponseWriter }
	var stays, before http.ResponseWriter
	e.Use(func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			before = c.Response().Writer
			err := next(c)
			stays = c.Response().Writer
			c.Response().Writer = before
			return err
		}
	}, ours(tel))
	e.GET("/", func(c echo.Context) error {
		_ = c.NoContent(http.StatusServiceUnavailable)
		c.Response().Writer = &left{c.Response().Writer}
		return nil
	})
	servertest.Get(t, servertest.Serve(t, e), "/")
	tel.Ended(t, 1)
	if _, ok := stays.(*left); !ok {
		t.Errorf("the writer is a %T", stays)
	}
}

// The late handler of Echo's Timeout is told that its time is over, and nothing of what
// it writes is in the answer.
func TestALateHandlersAnswerIsNotTheClients(t *testing.T) {
	t.Parallel()
	if raceDetector {
		t.Skip("Echo's Timeout races with its handler by design")
	}
	timesOut := echomiddleware.TimeoutWithConfig(echomiddleware.TimeoutConfig{Timeout: 5 * time.Millisecond}) //nolint:staticcheck // it is what is used
	for name, order := range map[string]func(ours echo.MiddlewareFunc) []echo.MiddlewareFunc{
		"Timeout inside":  func(ours echo.MiddlewareFunc) []echo.MiddlewareFunc { return []echo.MiddlewareFunc{ours, timesOut} },
		"Timeout outside": func(ours echo.MiddlewareFunc) []echo.MiddlewareFunc { return []echo.MiddlewareFunc{timesOut, ours} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tel := servertest.NewTelemetry()
			e := newEcho()
			e.Use(order(ours(tel))...)
			late, answered := make(chan error, 1), make(chan struct{})
			e.GET("/", func(c echo.Context) error {
				<-answered
				_, err := c.Response().Write([]byte("late"))
				late <- err
				return err
			})
			got := servertest.Get(t, servertest.Serve(t, e), "/")
			close(answered)
			if err := <-late; !errors.Is(err, http.ErrHandlerTimeout) {
				t.Errorf("the handler was told %v", err)
			}
			if got.Status != http.StatusServiceUnavailable || strings.Contains(got.Body, "late") {
				t.Errorf("answered %d %q", got.Status, got.Body)
			}
			_, all := tel.Span(t)
			if line := tel.Completion(t, 1)[0]; all["http.response.status_code"] != int64(503) || line["status"] != float64(503) {
				t.Errorf("the span has %v; the line is %v", all, line)
			}
		})
	}
}
