// SPDX-License-Identifier: Apache-2.0

package shop

import (
	"context"
	"strings"

	"github.com/labstack/echo/v4"
	echomiddleware "github.com/labstack/echo/v4/middleware"
	"go.uber.org/zap"

	"github.com/asynclocal/asynclocal/doctor"
	"github.com/asynclocal/asynclocal/example/internal/api"
	"github.com/asynclocal/asynclocal/inspect"
	"github.com/asynclocal/asynclocal/middleware"
)

// newEcho returns an Echo whose requests are correlated. The shop needs only middleware.New for that. In
// telemetry, their work belongs to the role.
func (p *process) newEcho(role string, logger *zap.Logger) *echo.Echo {
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.HTTPErrorHandler = middleware.ErrorHandler(api.HandleError)
	e.Use(p.as(role))
	e.Use(middleware.New(middleware.WithLogger(logger), middleware.WithSkipper(unobserved)))
	e.Use(echomiddleware.RecoverWithConfig(echomiddleware.RecoverConfig{
		LogErrorFunc: func(_ echo.Context, err error, stack []byte) error {
			zap.L().Error("panic", zap.Error(err), zap.ByteString("stack", stack))
			return err
		},
	}))
	return e
}

// as serves requests as the service of a role. In telemetry that is a separate service, even if it
// shares the process with others.
func (p *process) as(role string) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) (err error) {
			p.telemetry.As(service(role), func() { err = next(c) })
			return err
		}
	}
}

// unobserved leaves out requests that come every few seconds, and telemetry itself.
func unobserved(c echo.Context) bool {
	path := c.Request().URL.Path
	return path == "/healthz" || strings.HasPrefix(path, inspectPath) || strings.HasPrefix(path, "/debug/")
}

const inspectPath = "/inspect"

// startInspector makes the inspector. It requires a token even from this machine, because the shop may
// be behind a proxy that does not reveal itself. Without INSPECT_TOKEN it makes one, which greet prints.
func (p *process) startInspector() {
	var opts []inspect.Option
	if p.config.InspectToken != "" {
		opts = append(opts, inspect.WithToken(p.config.InspectToken))
	}
	if p.config.Doctor {
		opts = append(opts, inspect.WithPage("doctor", doctor.Handler()))
	}
	p.inspector = inspect.New(opts...)
	p.onStop("inspector", func(context.Context) error { return p.inspector.Close() })
}

// serveInspector gives the inspector a separate address, for the exporters of this process. It still
// receives their last exports when the API has stopped.
func (p *process) serveInspector() (endpoint string, err error) {
	addr, err := p.listen("inspector", "127.0.0.1:0", p.inspector)
	if err != nil {
		return "", err
	}
	return "http://" + addr.String() + inspectPath, nil
}

// mountInspector serves the inspector on e. Its pages hold a connection open. The connection ends with
// done, because a shutdown would wait for it.
func (p *process) mountInspector(done context.Context, e *echo.Echo) {
	h := func(c echo.Context) error {
		ctx, cancel := context.WithCancel(c.Request().Context())
		defer cancel()
		defer context.AfterFunc(done, cancel)()
		p.inspector.ServeHTTP(c.Response(), c.Request().WithContext(ctx))
		return nil
	}
	e.Any(inspectPath, h)
	e.Any(inspectPath+"/*", h)
}
