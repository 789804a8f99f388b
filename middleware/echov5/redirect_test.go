// SPDX-License-Identifier: Apache-2.0

package echov5_test

import (
	"net/http"
	"testing"

	"github.com/labstack/echo/v5"
	echomiddleware "github.com/labstack/echo/v5/middleware"

	"github.com/asynclocal/asynclocal/store"
)

// redirects serves the request anew, as another path.
func redirects(to string) echo.HandlerFunc {
	return func(c *echo.Context) error {
		c.Request().URL.Path = to
		return c.Echo().Router().Route(c)(c)
	}
}

func TestAHandlerMayRedirectInsideOfTheServer(t *testing.T) {
	t.Parallel()
	for name, register := range map[string]func(*echo.Echo, echo.MiddlewareFunc){
		"Use":                      around(),
		"Use, and Recover inside":  around(echomiddleware.Recover()),
		"Use, and Recover outside": inside(echomiddleware.Recover()),
		"before the router":        func(e *echo.Echo, ours echo.MiddlewareFunc) { e.Pre(ours) },
		"twice":                    func(e *echo.Echo, ours echo.MiddlewareFunc) { e.Use(ours, ours) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tel := newTelemetry(t)
			e := newEcho()
			register(e, tel.middleware())
			e.GET("/old/:id", redirects("/new/7"))
			e.GET("/new/:id", func(c *echo.Context) error {
				r, ok := store.CurrentFrom(c.Request().Context())
				if !ok {
					t.Error("the request is lost on the way")
				}
				return c.String(http.StatusOK, r.ID()+c.Param("id"))
			})
			s := serve(t, e)
			if got := get(t, s.Client(), s.URL+"/old/1", "X-Request-Id", "abc-"); got.status != http.StatusOK || got.body != "abc-7" {
				t.Errorf("answered %d %q", got.status, got.body)
			}
			if line := tel.completion(t, 1)[0]; line["route"] != "/new/:id" || line["path"] != "/old/1" || line["error"] != nil {
				t.Errorf("the completion line is %v", line)
			}
		})
	}
}
