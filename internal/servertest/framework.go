// SPDX-License-Identifier: Apache-2.0

package servertest

import (
	"net/http"
	"slices"
	"testing"
)

// Framework is a web framework with our middleware for it. Paths are written as
// Echo does, "/orders/:id" and "/static/*".
type Framework struct {
	// Package is the middleware's package, with which its panics begin.
	Package string
	// New is the middleware's constructor, of any number of options.
	New any
	// Options are the constructors of the options, by name.
	Options map[string]any
	// Always are options that each middleware is made with.
	Always []Option
	// Context makes a neutral context from the one that the framework calls options with.
	Context func(native any) Context
	// Server returns a server that does not log, and has no route.
	Server func() Server
	// Bare is Server for handlers that return no error, if what answers errors would be outside
	// every middleware; nil: Server.
	Bare func() Server
	// Route returns how the framework names the route of a path; nil: as it is written.
	Route func(path string) string
	// Status returns an error that is answered with status, caused by cause if that is not nil.
	Status func(status int, cause error) error
	// Parts are the framework's own middleware.
	Parts map[Trait]func() Middleware
	// Lacks says, for each trait that the framework does not have, why.
	Lacks map[Trait]string
	// Outcomes and Attributes are additional rows of the framework.
	Outcomes   []Outcome
	Attributes []Attributes
}

// Trait is a feature that only some frameworks have.
type Trait string

// What rows need. Those of the second list are parts: middleware that the framework has or that its
// servers commonly have.
const (
	Pre         Trait = "middleware before the router"
	Group       Trait = "groups of routes"
	Returns     Trait = "errors of handlers that middleware sees"
	Awaits      Trait = "answers that are given outside and yet recorded"
	Judges      Trait = "errors after the answer that are told from others"
	Answers     Trait = "errors that are answered inside of the outermost middleware"
	Wraps       Trait = "an error handler that can be wrapped, to be in the request and to tell of errors"
	Tells       Trait = "errors that tell the middleware of a panic's value, unless the handler is wrapped"
	Unwraps     Trait = "an error handler that asks errors what they wrap"
	NotFound    Trait = "a path that is not there as an error"
	Reroutes    Trait = "a handler that serves another path"
	Binds       Trait = "a binder of bodies"
	TooLarge    Trait = "a body over its limit answered 413"
	Contexts    Trait = "a context of its own for options"
	Replaces    Trait = "a request that the handler replaces for all"
	Places      Trait = "a writer that handlers find in its place"
	EarlyHint   Trait = "a status of 1xx before the answer"
	Files       Trait = "static files"
	LowerCase   Trait = "methods in lower case"
	AnyMethod   Trait = "routes for any method"
	Anew        Trait = "a request with the context of another that is routed like others"
	First       Trait = "the first of several errors as the one that is told"
	PassesAbort Trait = "a Recover that passes http.ErrAbortHandler on"
	Silence     Trait = "an error that nothing answers, told from an answer"
	Shapes      Trait = "a writer that is what the server's is"
	Commits     Trait = "a status that goes out at once"
	InformsAsIs Trait = "a status of 1xx that handlers send like others"
	KnownRoute  Trait = "a route that is known from the start"

	Recover       Trait = "Recover"
	Logger        Trait = "Logger, which answers errors and keeps them"
	RequestLogger Trait = "RequestLogger, which answers errors and returns them"
	Timeout       Trait = "ContextTimeout of some milliseconds"
	LongTimeout   Trait = "ContextTimeout of an hour"
	Gzip          Trait = "Gzip"
	BodyLimit     Trait = "BodyLimit of ten bytes"
	NetHTTP       Trait = "a middleware of net/http that does nothing"
	Copies        Trait = "a middleware of net/http that copies the request"
)

// Context is what handlers of all frameworks are given.
type Context interface {
	Request() *http.Request
	SetRequest(*http.Request)
	// Writer returns what the handler answers through, Slot where the middleware has put its own,
	// and Under is Writer without what the framework keeps for itself.
	Writer() http.ResponseWriter
	Slot() http.ResponseWriter
	Under() http.ResponseWriter
	Param(name string) string
	Path() string // the route; "" if it is not known
	String(status int, body string) error
	NoContent(status int) error
	Redirect(status int, to string) error
	Bind(into any) error
	// Error makes the framework answer err.
	Error(err error)
	// Sent returns the status of the answer as the framework has it.
	Sent() int
	// Reroute serves the request as one for another path.
	Reroute(path string) error
}

// Handler handles a request.
type Handler func(Context) error

// Middleware is a [Wrap], or the framework's kind of middleware.
type Middleware any

// Wrap is a middleware for any framework.
type Wrap = func(next Handler) Handler

// ErrorHandler answers an error.
type ErrorHandler func(c Context, err error)

// Server is a framework's server.
type Server interface {
	http.Handler
	Use(...Middleware)
	Pre(...Middleware)
	// Handle registers a route, for every method if that is "".
	Handle(method, path string, h Handler, m ...Middleware)
	Group(prefix string, m ...Middleware) Server
	// Files serves a.txt, which was changed a thousand seconds after 1970, below /static.
	Files()
	// OnError makes the result of around the error handler; around is given the current one.
	// wrapped says that ours is around it.
	OnError(wrapped bool, around func(ErrorHandler) ErrorHandler)
}

func (f *Framework) bare() Server {
	if f.Bare == nil {
		return f.Server()
	}
	return f.Bare()
}

// route returns the name that path has as a route.
func (f *Framework) route(path string) string {
	if f.Route == nil || path == "" {
		return path
	}
	return f.Route(path)
}

// lacks reports whether the framework does not have a trait.
func (f *Framework) lacks(trait Trait) bool { return f.Lacks[trait] != "" }

// need skips a test of something that the framework does not have.
func (f *Framework) need(t testing.TB, traits ...Trait) {
	t.Helper()
	for _, trait := range traits {
		if reason := f.Lacks[trait]; reason != "" {
			t.Skipf("no %s: %s", trait, reason)
		}
	}
}

// parts returns middleware, with the traits in it replaced by the framework's own middleware.
func (f *Framework) parts(t testing.TB, all []Middleware) []Middleware {
	t.Helper()
	all = slices.Clone(all)
	for i, m := range all {
		if trait, ok := m.(Trait); ok {
			f.need(t, trait)
			if f.Parts[trait] == nil {
				t.Fatalf("%s has neither %s nor a reason why not", f.Package, trait)
			}
			all[i] = f.Parts[trait]()
		}
	}
	return all
}
