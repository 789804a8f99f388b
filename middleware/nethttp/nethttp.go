// SPDX-License-Identifier: Apache-2.0

package nethttp

import (
	"net/http"

	"github.com/asynclocal/asynclocal/middleware/internal/httpconv"
)

// ScopeName is the instrumentation scope of the spans and metrics.
const ScopeName = "github.com/asynclocal/asynclocal/middleware/nethttp"

// Version is the version of the instrumentation scope.
const Version = "0.1.0"

// New returns the middleware. Put it outside of everything else. On a request that
// is inside an exchange of ours already it does nothing but name the route, where
// that is known by then; so it may stand around a server and around one of its
// routes.
//
// New panics if the options make no sense, and says which one and why.
func New(opts ...Option) func(http.Handler) http.Handler {
	a := NewAdapter(ScopeName, Version, nil, opts...)
	if a.config.route == nil {
		a.config.route = func(r *http.Request) string { return httpconv.Route(r.Pattern) }
	}
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if a.Skips(w, r, "") {
				next.ServeHTTP(w, r)
				return
			}
			new(Exchange).Run(a, w, r, Inbound{}, next)
		})
	}
}
