// SPDX-License-Identifier: Apache-2.0

// Package timer is what the check timer is tested with.
package timer

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/asynclocal/asynclocal/store"
	"github.com/labstack/echo/v4"
	"go.uber.org/zap"
)

type mailer struct{ timers []*time.Timer }

func (m *mailer) remind(order string) { zap.L().Info("reminding", zap.String("order", order)) }

func (m *mailer) ring() { m.remind("7") }

func order(c echo.Context) error {
	time.AfterFunc(time.Minute, func() { zap.L().Info("a minute later") }) // want `outside of every request, and logs with \(\*zap.Logger\).Info: use store.AfterFunc \(timer\)`
	return c.NoContent(http.StatusNoContent)
}

// What a handler calls runs in the request, and what the callback calls is followed.
func (m *mailer) serve(w http.ResponseWriter, r *http.Request) { m.later() }

func (m *mailer) later() {
	m.timers = append(m.timers, time.AfterFunc(time.Minute, m.ring)) // want `logs with`
	again := func() { m.remind("8") }
	time.AfterFunc(time.Minute, again) // want `logs with`
}

// The corrected twin.
func cured(c echo.Context) error {
	store.AfterFunc(time.Minute, func() { zap.L().Info("a minute later") })
	time.AfterFunc(time.Minute, store.Bind(func() { zap.L().Info("a minute later") }))
	bound := store.Bind(func() { zap.L().Info("a minute later") })
	time.AfterFunc(time.Minute, bound)
	return c.NoContent(http.StatusNoContent)
}

// A callback that does not want to know, or has a context of its own.
func quiet(c echo.Context) error {
	done := make(chan bool)
	time.AfterFunc(time.Minute, func() { close(done) })
	time.AfterFunc(time.Minute, func() { _ = fmt.Errorf("an error is not a line") })
	ctx := store.Detach(c.Request().Context())
	time.AfterFunc(time.Minute, func() {
		store.RunContext(ctx, func(context.Context) { zap.L().Info("in the request's ctx") })
		with(zap.L(), c).Info("a logger of the request's own")
	})
	store.Exit(func() {
		time.AfterFunc(time.Minute, func() { zap.L().Info("outside, and said so") })
	})
	return nil
}

func with(l *zap.Logger, c echo.Context) *zap.Logger { return l.With(zap.String("id", c.Path())) }

// Without a request there is none to lose.
func main() {
	time.AfterFunc(time.Minute, func() { zap.L().Info("a minute after the start") })
}
