// SPDX-License-Identifier: Apache-2.0

package echov5_test

import (
	"strings"
	"testing"

	"github.com/labstack/echo/v5"
	echomiddleware "github.com/labstack/echo/v5/middleware"
	"go.opentelemetry.io/otel/codes"

	"github.com/asynclocal/asynclocal/middleware/echov5"
)

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
		"Recover outside":                  {register: inside(recovers()), value: errPlain, said: "plain", kind: "*errors.errorString"},
		"Recover inside":                   {register: around(recovers()), value: errPlain, said: "plain", kind: "*errors.errorString"},
		"Recover on both sides":            {register: both(recovers()), value: errPlain, said: "plain", kind: "*errors.errorString"},
		"Recover and the logger inside":    {register: around(logs(), recovers()), value: errPlain, said: "plain", kind: "*errors.errorString"},
		"Recover inside, a runtime error":  {register: around(recovers()), value: nil, said: "runtime error: index out of range [1] with length 0", kind: "runtime.boundsError"},
		"Recover outside, a runtime error": {register: inside(recovers()), value: nil, said: "runtime error: index out of range [1] with length 0", kind: "runtime.boundsError"},
		"Recover inside, text":             {register: around(recovers()), value: "boom", said: "boom", kind: "*errors.errorString"},
		"Recover outside, text":            {register: inside(recovers()), value: "boom", said: "boom", kind: "string"},
		"Recover inside, wrapped handler":  {register: around(recovers()), value: errPlain, wrapped: true, said: "plain", kind: "*errors.errorString"},
		"one that answers by the handler":  {register: around(answersPanics), value: errPlain, wrapped: true, said: "plain", kind: "*errors.errorString"},
		"one that answers, and no way to it": {
			register: around(answersPanics), value: errPlain, said: "a panic that was recovered inside of the middleware", kind: "panic",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tel := newTelemetry(t)
			e := newEcho()
			if tt.wrapped {
				e.HTTPErrorHandler = echov5.ErrorHandler(e.HTTPErrorHandler)
			}
			tt.register(e, tel.middleware())
			e.GET("/", func(c *echo.Context) error {
				if tt.value == nil {
					var none []int
					return c.JSON(200, none[1]) //nolint:gosec,govet // that is the point
				}
				panic(tt.value)
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

// both registers ours, and m on either side of it.
func both(m echo.MiddlewareFunc) func(*echo.Echo, echo.MiddlewareFunc) {
	return func(e *echo.Echo, ours echo.MiddlewareFunc) { e.Use(m, ours, m) }
}

// answersPanics has Echo answer a panic, and returns nothing.
func answersPanics(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c *echo.Context) error {
		defer func() {
			if err, ok := recover().(error); ok {
				c.Echo().HTTPErrorHandler(c, err)
			}
		}()
		return next(c)
	}
}

// An error that is answered inside is on the line and, where the server failed, on the
// span, once.
func TestAnErrorThatIsAnsweredInsideIsTold(t *testing.T) {
	t.Parallel()
	answers := func(err error) echo.HandlerFunc {
		return func(c *echo.Context) error {
			c.Echo().HTTPErrorHandler(c, err)
			return nil
		}
	}
	for name, tt := range map[string]struct {
		inner   echo.MiddlewareFunc
		handler echo.HandlerFunc
		wrapped bool
		said    any
	}{
		"the logger":                       {inner: logs(), handler: fails(errPlain), said: "plain"},
		"the error handler":                {handler: answers(errPlain), wrapped: true, said: "plain"},
		"the error handler, and no way to": {handler: answers(errPlain)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tel := newTelemetry(t)
			e := newEcho()
			if tt.wrapped {
				e.HTTPErrorHandler = echov5.ErrorHandler(e.HTTPErrorHandler)
			}
			e.Use(tel.middleware())
			if tt.inner != nil {
				e.Use(tt.inner)
			}
			e.GET("/", tt.handler)
			s := serve(t, e)
			get(t, s.Client(), s.URL)
			span, line := tel.ended(t, 1)[0], tel.completion(t, 1)[0]
			if line["error"] != tt.said || line["stack"] != nil {
				t.Errorf("the completion line is %v", line)
			}
			if events := len(span.Events()); attributes(span.Attributes())["error.type"] != "500" || events == 1 != (tt.said != nil) {
				t.Errorf("the span has %v and %d events", span.Attributes(), events)
			}
		})
	}
}
