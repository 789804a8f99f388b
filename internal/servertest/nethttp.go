// SPDX-License-Identifier: Apache-2.0

package servertest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"testing/fstest"
	"time"
)

// Router routes handlers of net/http, and takes net/http middleware.
type Router interface {
	http.Handler
	Use(...func(http.Handler) http.Handler)
	// Route registers a route, for every method if that is "".
	Route(method, path string, h http.Handler)
}

// HTTP is a server whose handlers are net/http's. The suite's handlers return errors, as those of
// many applications do: errors are reported to the middleware, and answered where they are
// returned.
type HTTP struct {
	Router
	// Report tells the middleware of an error.
	Report func(context.Context, error)

	answer ErrorHandler
}

type httpContext struct {
	w      http.ResponseWriter
	r      *http.Request
	server *HTTP
	sent   int
}

// NewHTTPContext returns the context of r, for an option.
func NewHTTPContext(r *http.Request) Context { return &httpContext{r: r} }

func (c *httpContext) Request() *http.Request      { return c.r }
func (c *httpContext) SetRequest(r *http.Request)  { c.r = r }
func (c *httpContext) Writer() http.ResponseWriter { return c.w }
func (c *httpContext) Slot() http.ResponseWriter   { return c.w }
func (c *httpContext) Under() http.ResponseWriter  { return c.w }
func (c *httpContext) Param(name string) string    { return c.r.PathValue(name) }
func (c *httpContext) Sent() int                   { return c.sent }
func (c *httpContext) Bind(any) error              { return errors.ErrUnsupported }
func (c *httpContext) Reroute(string) error        { return errors.ErrUnsupported }

func (c *httpContext) Path() string { return Pattern(c.r) }

func (c *httpContext) NoContent(status int) error {
	c.sent = status
	c.w.WriteHeader(status)
	return nil
}

func (c *httpContext) String(status int, body string) error {
	_ = c.NoContent(status)
	_, err := io.WriteString(c.w, body)
	return err
}

func (c *httpContext) Redirect(status int, to string) error {
	http.Redirect(c.w, c.r, to, status)
	return nil
}

func (c *httpContext) Error(err error) {
	c.server.Report(c.r.Context(), err)
	if c.server.answer != nil {
		c.server.answer(c, err)
		return
	}
	answerHTTP(c, err)
}

// answerHTTP answers with the status of err.
func answerHTTP(c Context, err error) {
	if e, ok := err.(*HTTPError); ok { //nolint:errorlint // as in most code with such a type
		_ = c.NoContent(e.Status)
		return
	}
	_ = c.NoContent(http.StatusInternalServerError)
}

// HTTPError is an error that says how to answer it.
type HTTPError struct {
	Status int
	Cause  error
}

func (e *HTTPError) Error() string { return fmt.Sprintf("%d: %v", e.Status, e.Cause) }

// Unwrap returns the cause.
func (e *HTTPError) Unwrap() error { return e.Cause }

// NewHTTPError returns an [HTTPError].
func NewHTTPError(status int, cause error) error { return &HTTPError{status, cause} }

// handler returns h as a handler of net/http.
func (s *HTTP) handler(h Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := &httpContext{w: w, r: r, server: s}
		if err := h(c); err != nil {
			c.Error(err)
		}
	})
}

func (s *HTTP) native(all []Middleware) (made []func(http.Handler) http.Handler) {
	for _, m := range all {
		wrap, ok := m.(Wrap)
		if !ok {
			made = append(made, m.(func(http.Handler) http.Handler))
			continue
		}
		made = append(made, func(next http.Handler) http.Handler {
			return s.handler(wrap(func(c Context) error {
				next.ServeHTTP(c.Writer(), c.Request())
				return nil
			}))
		})
	}
	return made
}

// Use registers middleware.
func (s *HTTP) Use(m ...Middleware) { s.Router.Use(s.native(m)...) }

// Pre is Use: net/http's middleware is before the router.
func (s *HTTP) Pre(m ...Middleware) { s.Use(m...) }

// Handle registers a route.
func (s *HTTP) Handle(method, path string, h Handler, m ...Middleware) {
	s.Route(method, path, chain(s.handler(h), s.native(m)))
}

// Group panics: there are no groups.
func (s *HTTP) Group(string, ...Middleware) Server { panic("there are no groups") }

// Files registers a file.
func (s *HTTP) Files() {
	s.Route(http.MethodGet, "/static*", http.StripPrefix("/static/",
		http.FileServerFS(fstest.MapFS{"a.txt": {Data: []byte("a"), ModTime: time.Unix(1000, 0)}})))
}

// OnError sets the error handler.
func (s *HTTP) OnError(_ bool, around func(ErrorHandler) ErrorHandler) {
	before := s.answer
	if before == nil {
		before = answerHTTP
	}
	s.answer = around(before)
}

// chain returns h wrapped in middleware, the first outermost.
func chain(h http.Handler, all []func(http.Handler) http.Handler) http.Handler {
	for i := len(all) - 1; i >= 0; i-- {
		h = all[i](h)
	}
	return h
}

// RecoverHTTP is a middleware that answers panics, like that of routers.
func RecoverHTTP(next Handler) Handler {
	return func(c Context) error {
		defer func() {
			switch value := recover().(type) {
			case nil:
			case error:
				if value == http.ErrAbortHandler { //nolint:errorlint // net/http compares with == too
					panic(value)
				}
				c.Error(value)
			default:
				c.Error(errors.New(fmt.Sprint(value)))
			}
		}()
		return next(c)
	}
}
