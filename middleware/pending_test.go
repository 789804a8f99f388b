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

// What is waited for an answer that does not come is not the request's time.
func TestAnErrorThatNobodyAnswersTookItsOwnTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const took = 7 * time.Millisecond
		tel := newTelemetry(t)
		e := newEcho()
		e.Use(swallows, tel.middleware())
		e.GET("/", func(echo.Context) error {
			time.Sleep(took)
			return errPlain
		})
		ctx, cancel := context.WithCancel(t.Context())
		e.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(ctx, http.MethodGet, "/", http.NoBody))
		cancel()
		time.Sleep(time.Minute)
		synctest.Wait()
		span := tel.ended(t, 1)[0]
		if got := span.EndTime().Sub(span.StartTime()); got != took {
			t.Errorf("the span took %v, the request %v", got, took)
		}
		if p := tel.points(t, durationMetric)[0]; p.Sum != took.Seconds() {
			t.Errorf("the metric has %v s, the request took %v", p.Sum, took)
		}
		if l := tel.completion(t, 1)[0]; l["duration_ms"] != float64(7) || l["error"] != "plain" {
			t.Errorf("the completion line is %v", l)
		}
	})
}
