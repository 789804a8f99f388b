// SPDX-License-Identifier: Apache-2.0

// Package emptyctx is what the check emptyctx is tested with.
package emptyctx

import (
	"context"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"
)

func query(ctx context.Context) {}

type session struct {
	ctx    context.Context
	cancel func()
}

func serve(w http.ResponseWriter, r *http.Request) {
	query(context.Background())                                           // want `context.Background in a handler drops the request's values, deadline and cancellation: pass r.Context\(\), or context.WithoutCancel\(r.Context\(\)\) \(emptyctx\)`
	ctx, cancel := context.WithTimeout(context.Background(), time.Second) // want `context.Background in a handler`
	defer cancel()
	query(ctx)
}

func order(c echo.Context) error {
	defer func() { query(context.TODO()) }() // want `context.TODO in a handler drops the request's values, deadline and cancellation: pass c.Request\(\).Context\(\)`
	return nil
}

func unnamed(http.ResponseWriter, *http.Request) {
	query(context.Background()) // want `pass the request's ctx`
}

func hidden(w http.ResponseWriter, r *http.Request) {
	for _, r := range []string{"a"} {
		_ = r
		query(context.Background()) // want `in a handler`
	}
}

// The corrected twin.
func cured(w http.ResponseWriter, r *http.Request) {
	query(r.Context())
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), time.Second)
	defer cancel()
	query(ctx)
}

// What lives on after the handler has a context of its own.
func (s *session) open(w http.ResponseWriter, r *http.Request) {
	s.ctx, s.cancel = context.WithCancel(context.Background())
	other := &session{ctx: context.Background()}
	go func() { query(context.Background()) }() // want `this goroutine outlives its handler, and calls emptyctx.query with an empty context`
	_ = other
}

// A context that is a timer carries nothing to anyone.
func times(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	<-ctx.Done()
}

func client(r *http.Request) { query(context.Background()) }

func main() { query(context.Background()) }
