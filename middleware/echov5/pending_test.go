// SPDX-License-Identifier: Apache-2.0

package echov5_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/labstack/echo/v5"
)

// That an answer without a body, or none, was all, is known only when the request is
// over, or later. That is not the request's time.
func TestAnAnswerFromOutsideTookItsOwnTime(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		outside echo.MiddlewareFunc
		status  float64
		took    time.Duration
	}{
		"one without a body": {afterThinking(bodilessly(http.StatusBadGateway)), 502, 10 * time.Millisecond},
		"one with a body":    {afterThinking(answers(http.StatusBadGateway)), 502, 10 * time.Millisecond},
		"none":               {swallows, 200, 12 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				tel := newTelemetry(t)
				e := newEcho()
				e.Use(tt.outside, tel.middleware())
				e.GET("/", func(*echo.Context) error {
					time.Sleep(7 * time.Millisecond)
					return errPlain
				})
				ctx, cancel := context.WithCancel(t.Context())
				e.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(ctx, http.MethodGet, "/", http.NoBody))
				if tt.status == 200 {
					time.Sleep(5 * time.Millisecond)
				}
				cancel()
				time.Sleep(time.Minute)
				synctest.Wait()
				span := tel.ended(t, 1)[0]
				if got := span.EndTime().Sub(span.StartTime()); got != tt.took {
					t.Errorf("the span took %v, the request %v", got, tt.took)
				}
				if l := tel.completion(t, 1)[0]; l["status"] != tt.status || l["error"] != "plain" {
					t.Errorf("the completion line is %v", l)
				}
			})
		})
	}
}

// afterThinking gives an error to m three milliseconds later.
func afterThinking(m echo.MiddlewareFunc) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return m(func(c *echo.Context) error {
			err := next(c)
			time.Sleep(3 * time.Millisecond)
			return err
		})
	}
}
