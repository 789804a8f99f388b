// SPDX-License-Identifier: Apache-2.0

// Package outlive is what the check outlive is tested with.
package outlive

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"sync"

	"github.com/asynclocal/asynclocal/store"
	"github.com/labstack/echo/v4"
)

func sendMail(to string) { slog.Info("sending", "to", to) }

func order(c echo.Context) error {
	go func() { // want `this goroutine outlives its handler, and logs with slog.Info: a go statement keeps the request until five minutes after its end, store.Go for as long as it takes \(outlive\)`
		sendMail("a")
	}()
	go sendMail(c.Param("to")) // want `outlives its handler`
	return c.NoContent(http.StatusAccepted)
}

// The corrected twin.
func cured(c echo.Context) error {
	store.Go(func() { sendMail("a") })
	to := c.Param("to")
	store.Go(func() { sendMail(to) })
	store.Exit(func() { go sendMail("nobody's") })
	return c.NoContent(http.StatusAccepted)
}

func waits(w http.ResponseWriter, r *http.Request) {
	var group sync.WaitGroup
	group.Add(1)
	go func() { defer group.Done(); sendMail("a") }()
	group.Wait()
}

func receives(w http.ResponseWriter, r *http.Request) {
	done := make(chan bool)
	go func() { sendMail("a"); close(done) }()
	select {
	case <-done:
	case <-r.Context().Done():
	}
}

func pipes(w http.ResponseWriter, r *http.Request) {
	from, to := io.Pipe()
	go func() { defer to.Close(); sendMail("a") }()
	_, _ = io.Copy(w, from)
}

// A ctx of the request's says which request it is.
func explicit(w http.ResponseWriter, r *http.Request) {
	ctx := context.WithoutCancel(r.Context())
	go slog.InfoContext(ctx, "sending")
	go func() { _ = r.ParseForm() }()
}

// A handler that goes on for as long as a connection does is there until then.
func pumps(w http.ResponseWriter, r *http.Request) {
	go sendMail("a")
	pump(r.Body)
}

// Not one that starts what does so.
func leaves(w http.ResponseWriter, r *http.Request) {
	go sendMail("a") // want `outlives its handler`
	go pump(r.Body)
}

func pump(from io.Reader) {
	for {
		if _, err := from.Read(nil); err != nil {
			return
		}
	}
}

// A goroutine that goes on for as long as the request's ctx is not left behind.
func watches(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	go func() { <-ctx.Done(); sendMail("gone") }()
}

func start() { go sendMail("no handler") }
