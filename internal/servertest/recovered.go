// SPDX-License-Identifier: Apache-2.0

package servertest

import (
	"net/http"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/codes"
)

type nilError struct{ text string }

func (e *nilError) Error() string { return e.text }

func outOfRange(Context) error {
	var none []int
	_ = none[1] //nolint:gosec,govet // that is the point
	return nil
}

// recoversBy is a Recover that makes the framework answer, and returns no error.
func recoversBy(next Handler) Handler {
	return func(c Context) error {
		defer func() {
			if err, ok := recover().(error); ok {
				c.Error(err)
			}
		}()
		return next(c)
	}
}

// In both orders, a panic is reported completely, and once.
func aPanicIsToldWhereverRecoverStands(t *testing.T, f *Framework) {
	t.Parallel()
	const (
		bounds = "runtime error: index out of range [1] with length 0"
		untold = "a panic that was recovered inside of the middleware"
	)
	only := []Middleware{Recover}
	for name, tt := range map[string]struct {
		needs           []Trait
		outside, inside []Middleware
		handler         Handler
		wrapped         bool // the error handler is wrapped
		said, kind      string
	}{
		"Recover outside": {needs: []Trait{Awaits}, outside: only, handler: Panics(ErrPlain), said: "plain", kind: Plain},
		"Recover inside":  {inside: only, handler: Panics(ErrPlain), wrapped: true, said: "plain", kind: Plain},
		"Recover inside, and the handler as it is": {needs: []Trait{Tells}, inside: only, handler: Panics(ErrPlain), said: "plain", kind: Plain},
		"Recover on both sides":                    {outside: only, inside: only, handler: Panics(ErrPlain), wrapped: true, said: "plain", kind: Plain},
		"Recover and Logger inside":                {inside: []Middleware{Logger, Recover}, handler: Panics(ErrPlain), wrapped: true, said: "plain", kind: Plain},
		"Recover and the request logger inside":    {inside: []Middleware{RequestLogger, Recover}, handler: Panics(ErrPlain), wrapped: true, said: "plain", kind: Plain},
		"Recover inside, a runtime error":          {inside: only, handler: outOfRange, wrapped: true, said: bounds, kind: "runtime.boundsError"},
		"Recover outside, a runtime error":         {needs: []Trait{Awaits}, outside: only, handler: outOfRange, said: bounds, kind: "runtime.boundsError"},
		"Recover inside, text":                     {inside: only, handler: Panics("boom"), wrapped: true, said: "boom", kind: Plain},
		"Recover outside, text":                    {needs: []Trait{Awaits}, outside: only, handler: Panics("boom"), said: "boom", kind: "string"},
		"Recover inside, a nil error": {
			needs: []Trait{Wraps}, inside: only, handler: Panics((*nilError)(nil)), wrapped: true, said: "<nil>", kind: "*servertest.nilError",
		},
		"one that answers by the handler":    {needs: []Trait{Wraps}, inside: []Middleware{recoversBy}, handler: Panics(ErrPlain), wrapped: true, said: "plain", kind: Plain},
		"one that answers, and no way to it": {needs: []Trait{Wraps}, inside: []Middleware{recoversBy}, handler: Panics(ErrPlain), said: untold, kind: "panic"},
		"one that answers by itself":         {inside: []Middleware{silent}, handler: Panics(ErrPlain), said: untold, kind: "panic"},
		"a middleware outside as well": {
			outside: []Middleware{thru}, inside: only, handler: Panics(ErrPlain), wrapped: true, said: "plain", kind: Plain,
		},
		"a middleware outside as well, and no way to it": {
			outside: []Middleware{thru}, inside: []Middleware{silent}, handler: Panics(ErrPlain), said: untold, kind: "panic",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f.need(t, tt.needs...)
			tel := NewTelemetry()
			h := f.Server()
			h.OnError(tt.wrapped, func(answer ErrorHandler) ErrorHandler { return answer })
			row := Outcome{Outside: tt.outside, Inside: tt.inside, Handler: tt.handler}
			row.register(t, f, h, f.middleware(t, tel.options()...))
			Get(t, Serve(t, h), "/x")
			CheckPanic(t, tel, tt.said, tt.kind, "servertest/")
		})
	}
}

// silent is a Recover that answers by itself.
func silent(next Handler) Handler {
	return func(c Context) error {
		defer func() {
			if recover() != nil {
				_ = c.String(http.StatusInternalServerError, "sorry")
			}
		}()
		return next(c)
	}
}

// CheckPanic fails if a panic in a file was not reported once on the span and once on the line.
func CheckPanic(t *testing.T, tel *Telemetry, said, kind, file string) {
	t.Helper()
	span, all := tel.Span(t)
	line := tel.Completion(t, 1)[0]
	if stack, _ := line["stack"].(string); line["error"] != said || !strings.Contains(stack, file) || line["level"] != "error" {
		t.Errorf("the completion line is %v", line)
	}
	errorType := kind
	if kind == "panic" { // the value is not known
		errorType = "500"
	}
	if all["error.type"] != errorType || span.Status().Code != codes.Error {
		t.Errorf("error.type is %v, want %s, and the status %v", all["error.type"], errorType, span.Status())
	}
	if len(span.Events()) != 1 {
		t.Fatalf("the span has %d events", len(span.Events()))
	}
	event := Map(span.Events()[0].Attributes)
	if trace, _ := event["exception.stacktrace"].(string); event["exception.message"] != said || event["exception.type"] != kind || !strings.Contains(trace, file) {
		t.Errorf("the exception is %v", event)
	}
}

// An error that passes the middleware is reported once on the line and, if the server failed, once
// on the span. If it does not pass, because it is answered inside, its status is reported.
func anErrorIsToldOnce(t *testing.T, f *Framework) {
	t.Parallel()
	answer := func(errs ...error) Handler {
		return func(c Context) error {
			for _, err := range errs {
				c.Error(err)
			}
			return nil
		}
	}
	twice := f.Status(http.StatusInternalServerError, nil)
	for name, tt := range map[string]struct {
		needs           []Trait
		outside, inside []Middleware
		handler         Handler
		wrapped         bool // the error handler is wrapped
		untold          bool // the error is not reported
	}{
		"returned":                                {handler: Fails(ErrPlain)},
		"returned, a middleware outside":          {outside: []Middleware{thru}, handler: Fails(ErrPlain)},
		"returned, Logger outside":                {outside: []Middleware{Logger}, handler: Fails(ErrPlain)},
		"Logger inside":                           {inside: []Middleware{Logger}, handler: Fails(ErrPlain), untold: true},
		"Logger inside, and another outside":      {outside: []Middleware{thru}, inside: []Middleware{Logger}, handler: Fails(ErrPlain), untold: true},
		"Logger inside, wrapped":                  {inside: []Middleware{Logger}, handler: Fails(ErrPlain), wrapped: true},
		"the request logger inside":               {inside: []Middleware{RequestLogger}, handler: Fails(ErrPlain)},
		"the request logger inside, wrapped":      {inside: []Middleware{RequestLogger}, handler: Fails(ErrPlain), wrapped: true},
		"the request logger on both sides":        {outside: []Middleware{RequestLogger}, inside: []Middleware{RequestLogger}, handler: Fails(ErrPlain)},
		"answered":                                {handler: answer(ErrPlain), untold: !f.lacks(Wraps)},
		"answered, a middleware outside":          {outside: []Middleware{thru}, handler: answer(ErrPlain), untold: !f.lacks(Wraps)},
		"answered, wrapped":                       {handler: answer(ErrPlain), wrapped: true},
		"answered twice, wrapped":                 {needs: []Trait{First}, handler: answer(ErrPlain, twice), wrapped: true},
		"answered and returned":                   {handler: after(answer(ErrPlain), Fails(ErrPlain))},
		"answered and returned, wrapped":          {handler: after(answer(ErrPlain), Fails(ErrPlain)), wrapped: true},
		"answered and returned, with one outside": {outside: []Middleware{thru}, handler: after(answer(ErrPlain), Fails(ErrPlain))},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f.need(t, tt.needs...)
			tel := NewTelemetry()
			h := f.Server()
			h.OnError(tt.wrapped, func(answer ErrorHandler) ErrorHandler { return answer })
			row := Outcome{Outside: tt.outside, Inside: tt.inside, Handler: tt.handler}
			row.register(t, f, h, f.middleware(t, tel.options()...))
			Get(t, Serve(t, h), "/x")
			span, all := tel.Span(t)
			line := tel.Completion(t, 1)[0]
			if (line["error"] == "plain") == tt.untold || line["stack"] != nil || line["level"] != "error" || line["status"] != 500.0 {
				t.Errorf("untold %v is not so: the completion line is %v", tt.untold, line)
			}
			if events := len(span.Events()); all["error.type"] != "500" || span.Status().Code != codes.Error || events == 1 == tt.untold {
				t.Errorf("the span has %v, %v and %d events", all, span.Status(), events)
			}
		})
	}
}

func onErrorHearsTheErrorInTheRequest(t *testing.T, f *Framework) {
	t.Parallel()
	f.need(t, "WithOnError")
	nothing := func(Context, error) {}
	handler := func(c Context, err error) { c.Error(err) }
	for name, tt := range map[string]struct {
		outside []Middleware
		handler Handler
		answer  ErrorHandler
		client  int
		calls   int
	}{
		"and does nothing":                         {nil, Fails(ErrPlain), nothing, 500, 1},
		"and answers":                              {nil, Fails(ErrPlain), teapot, 418, 0},
		"and has the framework answer":             {nil, Fails(ErrPlain), handler, 500, 1},
		"after the answer":                         {nil, after(Text(202), Fails(ErrPlain)), nothing, 202, 1},
		"and does nothing, a middleware outside":   {[]Middleware{hears(ErrPlain)}, Fails(ErrPlain), nothing, 500, 1},
		"and answers, a middleware outside":        {[]Middleware{swallows}, Fails(ErrPlain), teapot, 418, 0},
		"and has it answer, and swallowed outside": {[]Middleware{swallows}, Fails(ErrPlain), handler, 500, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tel := NewTelemetry()
			calls := 0
			var heard error
			h := f.Server()
			h.OnError(false, func(answer ErrorHandler) ErrorHandler {
				return func(c Context, err error) { calls++; answer(c, err) }
			})
			h.Use(append(tt.outside, f.middleware(t, tel.options(With("WithOnError", func(c Context, err error) {
				if got := id(t, c); got != "abc" {
					t.Errorf("the request is %q", got)
				}
				heard = err
				tt.answer(c, err)
			}))...))...)
			h.Handle(http.MethodGet, "/", tt.handler)
			if got := Get(t, Serve(t, h), "/", "X-Request-Id", "abc"); got.Status != tt.client {
				t.Errorf("the client got %d, want %d", got.Status, tt.client)
			}
			if _, all := tel.Span(t); all["http.response.status_code"] != int64(tt.client) {
				t.Errorf("the span says %v, want %d", all["http.response.status_code"], tt.client)
			}
			if heard != ErrPlain || calls != tt.calls { //nolint:errorlint // it must be the same error
				t.Errorf("OnError heard %v, the error handler ran %d times, want %d", heard, calls, tt.calls)
			}
		})
	}
}
