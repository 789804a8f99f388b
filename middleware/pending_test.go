// SPDX-License-Identifier: Apache-2.0

package middleware_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/labstack/echo/v4"
)

// That an answer without a body was all is known only when the request is over, and
// that there is none only later. That is not the request's time.
func TestAnAnswerFromOutsideTookItsOwnTime(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		outside echo.MiddlewareFunc
		status  float64
		took    time.Duration
		over    bool // when the request's context is
	}{
		"one with a body":    {afterThinking(answers(http.StatusBadGateway)), 502, 10 * time.Millisecond, true},
		"one without a body": {afterThinking(bodilessly(http.StatusBadGateway)), 502, 10 * time.Millisecond, true},
		"none":               {swallows, 200, 12 * time.Millisecond, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				tel := newTelemetry(t)
				e := newEcho()
				e.Use(tt.outside, tel.middleware())
				e.GET("/", func(echo.Context) error {
					time.Sleep(7 * time.Millisecond)
					return errPlain
				})
				ctx, cancel := context.WithCancel(t.Context())
				e.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(ctx, http.MethodGet, "/", http.NoBody))
				time.Sleep(5 * time.Millisecond)
				cancel()
				synctest.Wait()
				if over := len(tel.spans.Ended()) == 1; over != tt.over {
					t.Errorf("the span has ended with the request's context: %v", over)
				}
				time.Sleep(time.Minute)
				synctest.Wait()
				tel.compareTime(t, tt.took)
				if l := tel.completion(t, 1)[0]; l["status"] != tt.status || l["error"] != "plain" {
					t.Errorf("the completion line is %v", l)
				}
			})
		})
	}
}

// compareTime compares what is said everywhere of how long a request took.
func (tel *telemetry) compareTime(t *testing.T, took time.Duration) {
	t.Helper()
	span := tel.ended(t, 1)[0]
	if got := span.EndTime().Sub(span.StartTime()); got != took {
		t.Errorf("the span took %v, the request %v", got, took)
	}
	if p := tel.points(t, durationMetric)[0]; p.Sum != took.Seconds() {
		t.Errorf("the metric has %v s, the request took %v", p.Sum, took)
	}
	if l := tel.completion(t, 1)[0]; l["duration_ms"] != float64(took)/float64(time.Millisecond) {
		t.Errorf("the completion line is %v, the request took %v", l, took)
	}
}

// afterThinking gives an error to m three milliseconds later.
func afterThinking(m echo.MiddlewareFunc) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return m(func(c echo.Context) error {
			err := next(c)
			time.Sleep(3 * time.Millisecond)
			return err
		})
	}
}

// bodilessly answers with a status alone.
func bodilessly(status int) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			if err := next(c); err != nil {
				return c.NoContent(status)
			}
			return nil
		}
	}
}
