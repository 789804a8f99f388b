// SPDX-License-Identifier: Apache-2.0

package middleware

import (
	"github.com/labstack/echo/v4"

	"github.com/asynclocal/asynclocal"
	"github.com/asynclocal/asynclocal/middleware/adapter"
	"github.com/asynclocal/asynclocal/middleware/internal/echov4"
)

// ScopeName is the instrumentation scope of the spans and metrics.
const ScopeName = "github.com/asynclocal/asynclocal/middleware"

// Version is the version of the instrumentation scope.
const Version = asynclocal.Version

// New returns the middleware. Register it first, with Use, so that everything else
// happens inside the request; Pre works too, and then the route is known only when
// the handler has returned. On a request that is inside an exchange of ours already
// it does nothing but name the route, so that it may be registered twice, or inside
// a handler that package nethttp has wrapped.
//
// New panics if the options make no sense, and says which one and why.
func New(opts ...Option) echo.MiddlewareFunc {
	return echov4.New(adapter.Scope{Name: ScopeName, Version: Version}, opts...)
}
