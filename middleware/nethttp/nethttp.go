// SPDX-License-Identifier: Apache-2.0

package nethttp

import (
	"context"
	"net/http"
	"slices"

	"github.com/asynclocal/asynclocal"
	"github.com/asynclocal/asynclocal/middleware/adapter"
	"github.com/asynclocal/asynclocal/middleware/internal/httpconv"
)

// ScopeName is the instrumentation scope of the spans and metrics.
const ScopeName = "github.com/asynclocal/asynclocal/middleware/nethttp"

// Version is the version of the instrumentation scope.
const Version = asynclocal.Version

// New returns the middleware. Put it outside of everything else. On a request that
// is inside an exchange of ours already it does nothing but name the route, where
// that is known by then; so it may stand around a server and around one of its
// routes.
//
// New panics if the options make no sense, and says which one and why.
func New(opts ...Option) func(http.Handler) http.Handler {
	i := adapter.New(adapter.Scope{Name: ScopeName, Version: Version}, nil, slices.Insert(slices.Clone(opts), 0, WithRoute(routeOf))...)
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if i.Skips(w, r, "") {
				next.ServeHTTP(w, r)
				return
			}
			new(adapter.Exchange).Run(i, w, r, adapter.Inbound{}, next)
		})
	}
}

// routeOf is the route of an http.ServeMux.
func routeOf(r *http.Request) string { return httpconv.Route(r.Pattern) }

// Report tells the middleware around the handler that the request of ctx has failed with err,
// as [adapter.Report] does.
func Report(ctx context.Context, err error) { adapter.Report(ctx, err) }
