// SPDX-License-Identifier: Apache-2.0

// Package contextafter is what the check contextafter is tested with.
package contextafter

import (
	"context"
	"log/slog"
	"net/http"

	"github.com/asynclocal/asynclocal/store"
)

func serve(w http.ResponseWriter, r *http.Request) {
	stop := context.AfterFunc(r.Context(), func() { slog.Warn("the client went away") }) // want `in the request of the goroutine that cancels, or in none, and logs with slog.Warn: use store.ContextAfterFunc \(contextafter\)`
	defer stop()
}

// A function that is given a ctx is called for a request, unless its name says that it is for a part
// of the program.
func charge(ctx context.Context) {
	context.AfterFunc(ctx, func() { slog.Warn("given up") }) // want `use store.ContextAfterFunc`
}

func startCharging(ctx context.Context) {
	context.AfterFunc(ctx, func() { slog.Warn("no more charging") })
}

// The corrected twin.
func cured(w http.ResponseWriter, r *http.Request) {
	stop := store.ContextAfterFunc(r.Context(), func() { slog.Warn("the client went away") })
	defer stop()
}

func quiet(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(r.Context()))
	defer cancel()
	context.AfterFunc(r.Context(), cancel)
	context.AfterFunc(r.Context(), func() { slog.WarnContext(ctx, "a line with its ctx") })
}
