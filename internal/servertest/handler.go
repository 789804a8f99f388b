// SPDX-License-Identifier: Apache-2.0

package servertest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"golang.org/x/net/websocket"
)

// ErrPlain is an error with nothing but its text.
var ErrPlain = errors.New("plain")

// Fails returns a handler that returns err.
func Fails(err error) Handler { return func(Context) error { return err } }

// Panics returns a handler that panics with v.
func Panics(v any) Handler { return func(Context) error { panic(v) } }

// Text returns a handler that answers.
func Text(status int) Handler { return func(c Context) error { return c.String(status, "text") } }

// after returns a handler that answers, and then leaves as leave does.
func after(answer, leave Handler) Handler {
	return func(c Context) error {
		if err := answer(c); err != nil {
			return err
		}
		return leave(c)
	}
}

// wait is a handler that returns when the client has gone.
func wait(c Context) error {
	<-c.Request().Context().Done()
	return c.Request().Context().Err()
}

// left returns a handler whose client goes away, and which then leaves as leave does.
func left(leave Handler) Handler {
	return func(c Context) error { _ = wait(c); return leave(c) }
}

// stream is a handler that sends in pieces.
func stream(c Context) error {
	c.Writer().Header().Set("Content-Type", "text/event-stream")
	for range 3 {
		_, _ = io.WriteString(c.Writer(), "data: x\n\n")
		_ = http.NewResponseController(c.Writer()).Flush()
	}
	return nil
}

// speaks is a handler that sends back what it receives by WebSocket.
func speaks(c Context) error {
	websocket.Handler(func(ws *websocket.Conn) {
		defer func() { _ = ws.Close() }()
		_, _ = io.Copy(ws, ws)
	}).ServeHTTP(c.Writer(), c.Request())
	return nil
}

// hijacks is a handler that takes the connection, and closes it.
func hijacks(c Context) error {
	conn, _, err := http.NewResponseController(c.Writer()).Hijack()
	if err != nil {
		return err
	}
	if err := conn.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
		return err
	}
	return nil
}

// teapot is an error handler that does not check whether there is an answer already.
func teapot(c Context, _ error) { _ = c.String(http.StatusTeapot, "teapot") }

func badGateway(c Context, _ error) { _ = c.NoContent(http.StatusBadGateway) }

// is makes answer the error handler, whatever the current one is.
func is(answer ErrorHandler) func(ErrorHandler) ErrorHandler {
	return func(ErrorHandler) ErrorHandler { return answer }
}

// hears returns an outer middleware that must see the handler's error.
func hears(want error) Wrap {
	return func(next Handler) Handler {
		return func(c Context) error {
			err := next(c)
			if !errors.Is(err, want) {
				return fmt.Errorf("the middleware outside got %w, not the handler's error", err)
			}
			return err
		}
	}
}

// answers returns a middleware that answers errors itself.
func answers(answer Handler) Wrap {
	return func(next Handler) Handler {
		return func(c Context) error {
			if err := next(c); err != nil {
				return answer(c)
			}
			return nil
		}
	}
}

// swallows is a middleware that does not pass errors on.
func swallows(next Handler) Handler {
	return func(c Context) error {
		_ = next(c)
		return nil
	}
}

// thinks is a middleware that passes an error on three milliseconds later.
func thinks(next Handler) Handler {
	return func(c Context) error {
		err := next(c)
		time.Sleep(3 * time.Millisecond)
		return err
	}
}

// cancelWhen also ends when ctx does, because a request may never arrive.
func cancelWhen(ctx context.Context, entered <-chan struct{}, cancel func()) {
	select {
	case <-entered:
		cancel()
	case <-ctx.Done():
	}
}
