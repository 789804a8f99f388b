// SPDX-License-Identifier: Apache-2.0

package middleware_test

import (
	"net/http"
	"testing"

	"github.com/labstack/echo/v4"
	echomiddleware "github.com/labstack/echo/v4/middleware"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"

	"github.com/asynclocal/asynclocal/middleware"
)

// The panic of a user's function goes on, but the request is not lost for it.
func TestARequestIsRecordedWhoseAttributesPanic(t *testing.T) {
	t.Parallel()
	tel := newTelemetry(t)
	e := echo.New()
	recovered := make(chan error, 1)
	e.Use(echomiddleware.RecoverWithConfig(echomiddleware.RecoverConfig{
		LogErrorFunc: func(_ echo.Context, err error, _ []byte) error {
			recovered <- err
			return nil
		},
	}))
	e.Use(tel.middleware(middleware.WithMetricAttributes(func(echo.Context) []attribute.KeyValue { panic("boom") })))
	e.GET("/orders/:id", func(c echo.Context) error { return c.String(http.StatusOK, "a book") })
	s := serve(t, e)
	get(t, s.Client(), s.URL+"/orders/7")
	if err := <-recovered; err == nil || err.Error() != "boom" {
		t.Errorf("outside %v was recovered", err)
	}
	span := tel.ended(t, 1)[0]
	if span.Name() != "GET /orders/:id" || span.Status().Code != codes.Error {
		t.Errorf("the span is %q with the status %v", span.Name(), span.Status())
	}
	if lines := tel.lines(t, "request completed"); len(lines) != 1 || lines[0]["status"] != 200.0 || lines[0]["level"] != "error" {
		t.Errorf("the completion lines are %v", lines)
	}
	if points := tel.points(t, durationMetric); len(points) != 1 || points[0].Count != 1 {
		t.Errorf("measured %+v", points)
	}
}
