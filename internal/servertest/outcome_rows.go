// SPDX-License-Identifier: Apache-2.0

package servertest

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
)

// answered returns handlers that answer.
func answered(f *Framework) []Outcome {
	return []Outcome{
		{Name: "an answer", Handler: Text(http.StatusCreated), Expect: Ends(201, 0)},
		{Name: "a handler that writes nothing", Expect: Ends(200, 0)},
		{Name: "no content", Handler: func(c Context) error { return c.NoContent(http.StatusNoContent) }, Expect: Ends(204, 0)},
		{Name: "a status without a body", Handler: func(c Context) error { return c.NoContent(http.StatusCreated) }, Expect: Ends(201, 0)},
		{
			Name: "a body that net/http does not send", Needs: []Trait{Judges},
			Handler: func(c Context) error {
				_ = c.NoContent(http.StatusNoContent)
				_, err := io.WriteString(c.Writer(), "body")
				return err
			},
			Expect: Breaks(204, Plain, 1),
		},
		{Name: "a redirect", Handler: func(c Context) error { return c.Redirect(http.StatusSeeOther, "/y") }, Expect: Ends(303, 0)},
		{
			Name: "early hints before the answer", Needs: []Trait{EarlyHint},
			Handler: func(c Context) error {
				c.Under().WriteHeader(http.StatusEarlyHints)
				return c.String(http.StatusOK, "fine")
			},
			Expect: Ends(200, 0),
		},
		{Name: "an answer of 500 without an error", Handler: func(c Context) error { return c.NoContent(500) }, Expect: Ends(500, 0)},
		{Name: "an answer of 503 with a body", Handler: Text(503), Expect: Ends(503, 0)},
		{Name: "an answer of 409 without an error", Handler: Text(409), Expect: Ends(409, 0)},
		{
			Name: "an answer after a file that cannot be read",
			Handler: func(c Context) error {
				c.Writer().Header().Set("Content-Type", "text/plain")
				if _, err := io.Copy(c.Writer(), errorReader{errors.New("the disk failed")}); err != nil {
					http.Error(c.Writer(), err.Error(), http.StatusInternalServerError)
				}
				return nil
			},
			Expect: Ends(500, 0),
		},
		{Name: "a path that is not there", Path: "/nowhere", Route: "none", Expect: Ends(404, 1), Without: map[Trait]Expect{NotFound: Ends(404, 0)}},
		{Name: "a method that is not there", Method: http.MethodDelete, Route: f.notAllowed(), Expect: Ends(405, 1), Without: map[Trait]Expect{NotFound: Ends(405, 0)}},
		{
			Name: "a custom error handler for what the framework does not find", Needs: []Trait{NotFound},
			Path: "/nowhere", Route: "none", Answer: teapot, Expect: Ends(418, 1),
		},
		{
			Name: "a custom error handler for a method that is not there", Needs: []Trait{NotFound},
			Method: http.MethodDelete, Answer: teapot, Expect: Ends(418, 1),
		},
		{Name: "a static file", Needs: []Trait{Files}, Path: "/static/a.txt", Route: "/static*", Register: files, Expect: Ends(200, 0)},
		{
			Name: "a static file that is not there", Needs: []Trait{Files}, Path: "/static/b.txt", Route: "/static*", Register: files,
			Expect: Ends(404, 1), Without: map[Trait]Expect{NotFound: Ends(404, 0)},
		},
		{
			Name: "a static file that has not changed", Needs: []Trait{Files}, Path: "/static/a.txt", Route: "/static*", Register: files,
			Visit: revalidates, Expect: Ends(304, 0),
		},
	}
}

func files(s Server, ours Middleware) {
	s.Use(ours)
	s.Files()
}

// notAllowed returns the route of a path that has other methods.
func (f *Framework) notAllowed() string {
	if f.lacks(NotFound) {
		return "none"
	}
	return ""
}

// failed returns handlers that return an error.
func failed(f *Framework) []Outcome {
	late := Breaks(200, Plain, 1)
	unjudged := map[Trait]Expect{Judges: Ends(200, 1)}
	return []Outcome{
		{Name: "a client's mistake", Handler: Fails(f.Status(http.StatusConflict, nil)), Expect: Ends(409, 1)},
		{Name: "an error", Handler: Fails(ErrPlain), Expect: Ends(500, 1)},
		{Name: "an error with an internal cause", Handler: Fails(f.Status(http.StatusServiceUnavailable, ErrPlain)), Expect: Ends(503, 1)},
		{
			Name: "an error that wraps an answer", Handler: Fails(fmt.Errorf("wrapped: %w", f.Status(http.StatusNotFound, nil))),
			Expect: Ends(404, 1), Without: map[Trait]Expect{Unwraps: Ends(500, 1)},
		},
		{Name: "an error handler of one's own", Handler: Fails(ErrPlain), Answer: teapot, Expect: Ends(418, 1)},
		{Name: "an error handler that writes nothing", Handler: Fails(ErrPlain), Answer: func(Context, error) {}, Expect: Ends(200, 1)},
		{Name: "an error handler that panics", Handler: Fails(ErrPlain), Answer: func(Context, error) { panic("boom") }, Needs: []Trait{Answers}, Expect: Breaks(0, "string", 1)},
		{
			Name: "a custom error handler that asks for the internal cause", Handler: Fails(f.Status(http.StatusBadRequest, ErrPlain)),
			Answer: func(c Context, err error) {
				if errors.Is(err, ErrPlain) {
					badGateway(c, err)
				}
			},
			Expect: Ends(502, 1),
		},
		{Name: "an error on HEAD", Handler: Fails(f.Status(http.StatusForbidden, nil)), Method: http.MethodHead, Expect: Ends(403, 1)},
		{Name: "an error after the answer", Handler: after(Text(200), Fails(ErrPlain)), Expect: late, Without: unjudged},
		{
			Name: "an error after the answer, and a middleware outside", Needs: []Trait{Returns}, Outside: []Middleware{hears(ErrPlain)},
			Handler: after(Text(200), Fails(ErrPlain)), Expect: late,
		},
		{
			Name: "an error that the handler has answered", Answer: teapot, Wrapped: true,
			Handler: func(c Context) error { c.Error(ErrPlain); return nil }, Expect: Ends(418, 1),
		},
		{
			Name: "an error that the handler has answered, and a middleware outside", Answer: teapot, Wrapped: true, Outside: []Middleware{thru},
			Handler: func(c Context) error { c.Error(ErrPlain); return nil }, Expect: Ends(418, 1),
		},
		{
			Name: "an error that the framework is told of after the answer", Wrapped: true,
			Handler: after(Text(200), func(c Context) error { c.Error(ErrPlain); return nil }), Expect: late, Without: unjudged,
		},
		{
			Name: "a body over the limit", Needs: []Trait{TooLarge}, Method: http.MethodPost, Body: strings.Repeat("x", 100),
			Handler: func(c Context) error {
				_, err := io.ReadAll(http.MaxBytesReader(c.Writer(), c.Request().Body, 10))
				return err
			},
			Expect: Ends(413, 1),
		},
		{
			Name: "a body over the limit, bound", Needs: []Trait{Binds, TooLarge}, Method: http.MethodPost, Body: `{"a":"` + strings.Repeat("x", 100) + `"}`,
			Handler: func(c Context) error {
				c.Request().Body = http.MaxBytesReader(c.Writer(), c.Request().Body, 10)
				return c.Bind(&struct{ A string }{})
			},
			Expect: Ends(413, 1),
		},
		{
			Name: "a body over the limit of BodyLimit", Inside: []Middleware{BodyLimit}, Method: http.MethodPost, Body: strings.Repeat("x", 100),
			Expect: Ends(413, 1),
		},
	}
}

// thru is a middleware that passes everything on.
func thru(next Handler) Handler { return func(c Context) error { return next(c) } }

// panicked returns handlers that do not return.
func panicked() []Outcome {
	untold := map[Trait]Expect{Tells: Breaks(500, "500", 1)}
	return []Outcome{
		{Name: "a panic that is not recovered", Handler: Panics(ErrPlain), Expect: Breaks(0, Plain, 0)},
		{Name: "a panic with a value that is no error", Handler: Panics("boom"), Expect: Breaks(0, "string", 0)},
		{
			Name: "a panic, and a middleware outside that does not recover it", Outside: []Middleware{thru},
			Handler: Panics("boom"), Expect: Breaks(0, "string", 0),
		},
		{Name: "a panic that Recover inside answers", Inside: []Middleware{Recover}, Wrapped: true, Handler: Panics(ErrPlain), Expect: Breaks(500, Plain, 1)},
		{
			Name: "a panic that Recover inside answers, and no way to it", Inside: []Middleware{Recover}, Handler: Panics(ErrPlain),
			Expect: Breaks(500, Plain, 1), Without: untold,
		},
		{
			Name: "a panic that Recover inside answers with an error handler of one's own", Inside: []Middleware{Recover}, Wrapped: true,
			Handler: Panics(ErrPlain), Answer: teapot, Expect: Breaks(418, Plain, 1),
		},
		{
			Name: "a panic that Recover inside answers, of which the logger inside hears", Inside: []Middleware{Logger, Recover}, Wrapped: true,
			Handler: Panics(ErrPlain), Expect: Breaks(500, Plain, 1),
		},
		{
			Name: "a panic that Recover inside answers, of which the request logger inside hears", Inside: []Middleware{RequestLogger, Recover}, Wrapped: true,
			Handler: Panics(ErrPlain), Expect: Breaks(500, Plain, 2), Without: map[Trait]Expect{Tells: Breaks(500, Plain, 1)},
		},
		{Name: "a panic that Recover outside answers", Needs: []Trait{Awaits}, Outside: []Middleware{Recover}, Handler: Panics(ErrPlain), Expect: Breaks(500, Plain, 1)},
		{
			Name: "a panic that Recover outside answers with an error handler of one's own", Needs: []Trait{Awaits}, Outside: []Middleware{Recover},
			Handler: Panics(ErrPlain), Answer: teapot, Expect: Breaks(418, Plain, 1),
		},
		{Name: "a panic after the answer, with Recover outside", Outside: []Middleware{Recover}, Handler: after(Text(202), Panics("boom")), Expect: Breaks(202, "string", 1)},
		{Name: "a panic that gives the response up", Handler: Panics(http.ErrAbortHandler), Expect: Breaks(0, "net/http.ErrAbortHandler", 0)},
		{
			Name: "a panic that gives the response up, which Recover passes on", Needs: []Trait{PassesAbort}, Outside: []Middleware{Recover},
			Handler: Panics(http.ErrAbortHandler), Expect: Breaks(0, "net/http.ErrAbortHandler", 0),
		},
		{
			Name: "a handler that ends its goroutine", HTTP1: true,
			Handler: func(Context) error { runtime.Goexit(); return nil }, Expect: Breaks(0, Plain, 0),
		},
	}
}
