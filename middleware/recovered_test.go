// SPDX-License-Identifier: Apache-2.0

package middleware_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"
	echomiddleware "github.com/labstack/echo/v4/middleware"
	"go.opentelemetry.io/otel/codes"

	"github.com/asynclocal/asynclocal/middleware"
)

// explode is what a stack must show.
func explode(value any) echo.HandlerFunc { return func(echo.Context) error { panic(value) } }

// customContext is an application's own Context, which its handlers want back.
type customContext struct{ echo.Context }

func customizes(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error { return next(&customContext{c}) }
}

// Both orders tell the whole truth of a panic, and tell it once.
func TestAPanicIsToldWhereverRecoverStands(t *testing.T) {
	t.Parallel()
	recovers := echomiddleware.Recover
	tests := map[string]struct {
		register func(*echo.Echo, echo.MiddlewareFunc)
		value    any
		wrapped  bool // the error handler is
		said     string
		kind     string
	}{
		"Recover outside":                     {register: inside(recovers()), value: errPlain, said: "plain", kind: "*errors.errorString"},
		"Recover inside":                      {register: around(recovers()), value: errPlain, wrapped: true, said: "plain", kind: "*errors.errorString"},
		"Recover on both sides":               {register: both(recovers()), value: errPlain, wrapped: true, said: "plain", kind: "*errors.errorString"},
		"Recover and Logger inside":           {register: around(logs(), recovers()), value: errPlain, wrapped: true, said: "plain", kind: "*errors.errorString"},
		"Recover inside, a runtime error":     {register: around(recovers()), value: nil, wrapped: true, said: "runtime error: index out of range [1] with length 0", kind: "runtime.boundsError"},
		"Recover outside, a runtime error":    {register: inside(recovers()), value: nil, said: "runtime error: index out of range [1] with length 0", kind: "runtime.boundsError"},
		"Recover inside, text":                {register: around(recovers()), value: "boom", wrapped: true, said: "boom", kind: "*errors.errorString"},
		"Recover outside, text":               {register: inside(recovers()), value: "boom", said: "boom", kind: "string"},
		"Recover inside, a nil error":         {register: around(recovers()), value: (*nilError)(nil), wrapped: true, said: "<nil>", kind: "*middleware_test.nilError"},
		"Recover inside, and no way to it":    {register: around(recovers()), value: errPlain, said: "a panic that was recovered inside of the middleware", kind: "panic"},
		"an application's Context":            {register: around(customizes, recovers()), value: errPlain, wrapped: true, said: "plain", kind: "*errors.errorString"},
		"an application's Context outside":    {register: inside(customizes), value: errPlain, said: "plain", kind: "*errors.errorString"},
		"a Context outside, Recover inside":   {register: sandwich(customizes, recovers()), value: errPlain, wrapped: true, said: "plain", kind: "*errors.errorString"},
		"a Context outside, and no way to it": {register: sandwich(customizes, recovers()), value: errPlain, said: "a panic that was recovered inside of the middleware", kind: "panic"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tel := newTelemetry(t)
			e := newEcho()
			if tt.wrapped {
				e.HTTPErrorHandler = middleware.ErrorHandler(e.HTTPErrorHandler)
			}
			tt.register(e, tel.middleware())
			e.GET("/", func(c echo.Context) error {
				if tt.value == nil {
					var none []int
					return c.JSON(http.StatusOK, none[1]) //nolint:gosec,govet // that is the point
				}
				return explode(tt.value)(c)
			})
			s := serve(t, e)
			if resp, err := s.Client().Get(s.URL); err == nil {
				resp.Body.Close()
			}
			tel.checkFailure(t, tt.said, tt.kind)
		})
	}
}

func (tel *telemetry) checkFailure(t *testing.T, said, kind string) {
	t.Helper()
	span, line := tel.ended(t, 1)[0], tel.completion(t, 1)[0]
	stack, _ := line["stack"].(string)
	if line["error"] != said || !strings.Contains(stack, "recovered_test.go") || line["level"] != "error" {
		t.Errorf("the completion line is %v", line)
	}
	errorType := kind
	if kind == "panic" { // whose value is not known
		errorType = "500"
	}
	if got := attributes(span.Attributes())["error.type"]; got != errorType || span.Status().Code != codes.Error {
		t.Errorf("error.type is %v, want %s, and the status %v", got, errorType, span.Status())
	}
	if len(span.Events()) != 1 {
		t.Fatalf("the span has %d events", len(span.Events()))
	}
	event := attributes(span.Events()[0].Attributes)
	trace, _ := event["exception.stacktrace"].(string)
	if event["exception.message"] != said || event["exception.type"] != kind || !strings.Contains(trace, "recovered_test.go") {
		t.Errorf("the exception is %v", event)
	}
}

type nilError struct{ text string }

func (e *nilError) Error() string { return e.text }

// both registers ours, and m on either side of it.
func both(m echo.MiddlewareFunc) func(*echo.Echo, echo.MiddlewareFunc) {
	return func(e *echo.Echo, ours echo.MiddlewareFunc) { e.Use(m, ours, m) }
}

// sandwich registers ours between two others.
func sandwich(outer, inner echo.MiddlewareFunc) func(*echo.Echo, echo.MiddlewareFunc) {
	return func(e *echo.Echo, ours echo.MiddlewareFunc) { e.Use(outer, ours, inner) }
}

// An error that is answered inside is on the line and, where the server failed, on the
// span, once.
func TestAnErrorThatIsAnsweredInsideIsTold(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		inner   echo.MiddlewareFunc
		handler echo.HandlerFunc
		events  int
	}{
		"Logger":                      {logs(), fails(errPlain), 1},
		"the request logger":          {requestLogs(), fails(errPlain), 1},
		"c.Error":                     {nil, func(c echo.Context) error { c.Error(errPlain); return nil }, 1},
		"c.Error, twice":              {nil, func(c echo.Context) error { c.Error(errPlain); c.Error(errors.New("another")); return nil }, 1},
		"c.Error, and it is returned": {nil, func(c echo.Context) error { c.Error(errPlain); return errPlain }, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tel := newTelemetry(t)
			e := newEcho()
			e.HTTPErrorHandler = middleware.ErrorHandler(e.HTTPErrorHandler)
			e.Use(tel.middleware())
			if tt.inner != nil {
				e.Use(tt.inner)
			}
			e.GET("/", tt.handler)
			s := serve(t, e)
			get(t, s.Client(), s.URL)
			span, line := tel.ended(t, 1)[0], tel.completion(t, 1)[0]
			if line["error"] != "plain" || line["stack"] != nil {
				t.Errorf("the completion line is %v", line)
			}
			if attributes(span.Attributes())["error.type"] != "500" || len(span.Events()) != tt.events {
				t.Errorf("the span has %v and %d events", span.Attributes(), len(span.Events()))
			}
		})
	}
}

// A handler gets the Context that it would get without the middleware: an application's
// own as it is.
func TestTheContextIsTheApplications(t *testing.T) {
	t.Parallel()
	tel := newTelemetry(t)
	e := newEcho()
	e.Use(customizes, tel.middleware())
	e.GET("/", func(c echo.Context) error {
		if _, ok := c.(*customContext); !ok {
			t.Errorf("the Context is a %T", c)
		}
		return c.NoContent(http.StatusNoContent)
	})
	s := serve(t, e)
	if got := get(t, s.Client(), s.URL); got.status != http.StatusNoContent {
		t.Errorf("answered %+v", got)
	}
}

// Without the wrapper of the error handler an error is told wherever it comes by, and where
// it does not its status is: Echo has no other way to hear of it.
func TestWithoutTheWrapperAnErrorIsToldIfItComesBy(t *testing.T) {
	t.Parallel()
	answers := func(c echo.Context) error { c.Error(errPlain); return nil }
	answersAndReturns := func(c echo.Context) error { c.Error(errPlain); return errPlain }
	for name, tt := range map[string]struct {
		register func(*echo.Echo, echo.MiddlewareFunc)
		handler  echo.HandlerFunc
		told     bool
	}{
		"returned":                                 {around(), fails(errPlain), true},
		"returned, something outside":              {inside(customizes), fails(errPlain), true},
		"returned, Logger outside":                 {inside(logs()), fails(errPlain), true},
		"answered and returned":                    {around(), answersAndReturns, true},
		"answered and returned, outside":           {inside(customizes), answersAndReturns, true},
		"the request logger inside":                {around(requestLogs()), fails(errPlain), true},
		"the request logger inside, and outside":   {both(requestLogs()), fails(errPlain), true},
		"c.Error alone":                            {around(), answers, false},
		"c.Error alone, something outside":         {inside(customizes), answers, false},
		"Logger inside":                            {around(logs()), fails(errPlain), false},
		"Logger inside, something outside as well": {sandwich(customizes, logs()), fails(errPlain), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tel := newTelemetry(t)
			e := newEcho()
			tt.register(e, tel.middleware())
			e.GET("/", tt.handler)
			s := serve(t, e)
			get(t, s.Client(), s.URL)
			span, line := tel.ended(t, 1)[0], tel.completion(t, 1)[0]
			if got, _ := line["error"].(string); (got == "plain") != tt.told || line["level"] != "error" || line["status"] != 500.0 {
				t.Errorf("told %v is not so: the completion line is %v", tt.told, line)
			}
			if attributes(span.Attributes())["error.type"] != "500" || span.Status().Code != codes.Error {
				t.Errorf("the span has %v and %v", span.Attributes(), span.Status())
			}
		})
	}
}
