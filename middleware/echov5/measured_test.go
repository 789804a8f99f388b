// SPDX-License-Identifier: Apache-2.0

package echov5_test

import (
	"net/http"
	"testing"

	"github.com/labstack/echo/v5"
	"go.opentelemetry.io/otel/attribute"

	"github.com/asynclocal/asynclocal/middleware/echov5"
)

func statusSeen(c *echo.Context) []attribute.KeyValue {
	response, err := echo.UnwrapResponse(c.Response())
	if err != nil {
		return nil
	}
	return []attribute.KeyValue{attribute.Int("seen", response.Status)}
}

// A function for the metrics sees the status that the client gets, wherever an error is
// answered.
func TestAttributesOfMetricsSeeTheAnswer(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		register func(*echo.Echo, echo.MiddlewareFunc)
		handler  echo.HandlerFunc
		want     int64
	}{
		"answered inside":          {around(), fails(errPlain), 418},
		"answered by Echo outside": {inside(hears(errPlain)), fails(errPlain), 418},
		"answered by another":      {inside(answers(http.StatusGone)), fails(errPlain), 410},
		"a panic that is answered": {inside(quietRecover()), panics(errPlain), 418},
		"an error that is kept":    {inside(swallows), fails(errPlain), 200},
		"before the router":        {preInside(hears(errPlain)), fails(errPlain), 418},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tel := newTelemetry(t)
			e := newEcho()
			e.HTTPErrorHandler = teapot
			tt.register(e, tel.middleware(echov5.WithMetricAttributes(statusSeen)))
			e.GET("/", tt.handler)
			s := serve(t, e)
			get(t, s.Client(), s.URL)
			tel.ended(t, 1)
			if got := attributes(tel.points(t, durationMetric)[0].Attributes.ToSlice()); got["seen"] != tt.want || got["http.response.status_code"] != tt.want {
				t.Errorf("measured %v", got)
			}
		})
	}
}
