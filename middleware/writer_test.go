// SPDX-License-Identifier: Apache-2.0

package middleware_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"
	echomiddleware "github.com/labstack/echo/v4/middleware"
	"golang.org/x/net/websocket"

	"github.com/asynclocal/asynclocal/middleware"
)

func TestAStreamReachesTheClientAsItIsWritten(t *testing.T) {
	t.Parallel()
	tel := newTelemetry(t)
	next := make(chan struct{}, 3)
	e := newEcho()
	e.Use(tel.middleware(middleware.WithBodySizes()))
	e.GET("/events", func(c echo.Context) error {
		c.Response().Header().Set("Content-Type", "text/event-stream")
		for i := range 3 {
			_, _ = fmt.Fprintf(c.Response(), "data: %d\n\n", i)
			c.Response().Flush()
			select {
			case <-next:
			case <-c.Request().Context().Done():
				return c.Request().Context().Err()
			}
		}
		return nil
	})
	s := serve(t, e)
	resp, err := s.Client().Get(s.URL + "/events")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	lines := bufio.NewScanner(resp.Body)
	for i := range 3 {
		for lines.Scan() && lines.Text() == "" {
		}
		if want := fmt.Sprintf("data: %d", i); lines.Text() != want {
			t.Fatalf("got %q, want %q", lines.Text(), want)
		}
		next <- struct{}{}
	}
	all := attributes(tel.ended(t, 1)[0].Attributes())
	if all["http.response.body.size"] != int64(27) || all["http.response.status_code"] != int64(200) {
		t.Errorf("the span has %v", all)
	}
}

func TestAWebsocketIsAConnectionThatSwitchedProtocols(t *testing.T) {
	t.Parallel()
	tel := newTelemetry(t)
	e := newEcho()
	e.Use(tel.middleware())
	e.GET("/ws", func(c echo.Context) error {
		websocket.Handler(func(ws *websocket.Conn) {
			defer ws.Close()
			_, _ = io.Copy(ws, ws)
		}).ServeHTTP(c.Response(), c.Request())
		return nil
	})
	s := serve(t, e)
	ws := dial(t, s, "/ws")
	if _, err := ws.Write([]byte("hello")); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 5)
	if _, err := io.ReadFull(ws, buf); err != nil || string(buf) != "hello" {
		t.Fatalf("got %q, %v", buf, err)
	}
	ws.Close()
	span := tel.ended(t, 1)[0]
	if all := attributes(span.Attributes()); all["http.response.status_code"] != int64(101) || all["error.type"] != nil {
		t.Errorf("the span has %v", all)
	}
	if l := tel.completion(t, 1)[0]; l["level"] != "info" || l["status"] != float64(101) {
		t.Errorf("the completion line is %v", l)
	}
}

func TestTheWriterIsWhatTheServersIs(t *testing.T) {
	t.Parallel()
	shape := func(w http.ResponseWriter) string {
		_, flusher := w.(http.Flusher)
		_, hijacker := w.(http.Hijacker)
		_, reader := w.(io.ReaderFrom)
		_, pusher := w.(http.Pusher)
		_, text := w.(io.StringWriter)
		return fmt.Sprint(flusher, hijacker, reader, pusher, text)
	}
	for name, start := range map[string]func(*testing.T, http.Handler) string{
		"HTTP/1.1": func(t *testing.T, h http.Handler) string { s := serve(t, h); return get(t, s.Client(), s.URL).body },
		"HTTP/2": func(t *testing.T, h http.Handler) string {
			s := serveHTTP2(t, h)
			return get(t, s.Client(), s.URL).body
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tel := newTelemetry(t)
			e := newEcho()
			e.Use(tel.middleware())
			var bare string
			e.GET("/", func(c echo.Context) error { return c.String(http.StatusOK, shape(c.Response().Writer)) })
			got := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				bare = shape(w)
				e.ServeHTTP(w, r)
			}))
			if got != bare {
				t.Errorf("it is Flusher, Hijacker, ReaderFrom, Pusher, StringWriter: %s; the server's is %s", got, bare)
			}
		})
	}
}

func TestAMultipartFormLeavesNoFile(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	for name, register := range map[string]func(*echo.Echo, echo.MiddlewareFunc){
		"alone":                            inside(),
		"with another copy of the request": around(echo.WrapMiddleware(copies)),
		"inside of another copy":           inside(echo.WrapMiddleware(copies)),
	} {
		t.Run(name, func(t *testing.T) {
			tel := newTelemetry(t)
			e := newEcho()
			register(e, tel.middleware())
			spilled := 0
			e.POST("/", func(c echo.Context) error {
				if err := c.Request().ParseMultipartForm(1 << 10); err != nil {
					return err
				}
				files, err := os.ReadDir(dir)
				spilled = len(files)
				return err
			})
			s := serve(t, e)
			const head = "--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"f\"\r\n\r\n"
			body := head + strings.Repeat("x", 11<<20) + "\r\n--b--\r\n"
			resp, err := s.Client().Post(s.URL, "multipart/form-data; boundary=b", strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			tel.ended(t, 1)
			if spilled != 1 || resp.StatusCode != http.StatusOK {
				t.Fatalf("the upload made %d files, and was answered %d: this tests nothing", spilled, resp.StatusCode)
			}
			if files, _ := os.ReadDir(dir); len(files) != 0 {
				t.Errorf("%d files are left", len(files))
			}
		})
	}
}

func copies(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { next.ServeHTTP(w, r.WithContext(r.Context())) })
}

func TestAConnectionThatIsHijackedWithoutAnUpgradeHasNoStatus(t *testing.T) {
	t.Parallel()
	tel := newTelemetry(t)
	e := newEcho()
	e.Use(tel.middleware())
	e.GET("/", func(c echo.Context) error {
		conn, _, err := c.Response().Hijack()
		if err != nil {
			return err
		}
		return conn.Close()
	})
	s := serve(t, e)
	conn, err := net.Dial("tcp", s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(deadline))
	_, _ = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	_, _ = io.Copy(io.Discard, conn)
	all := attributes(tel.ended(t, 1)[0].Attributes())
	if all["http.response.status_code"] != nil || all["error.type"] != nil {
		t.Errorf("the span has %v", all)
	}
}

func TestABodyThatIsNotSentHasNoSize(t *testing.T) {
	t.Parallel()
	tel := newTelemetry(t)
	e := newEcho()
	e.Use(tel.middleware(middleware.WithBodySizes()))
	e.HEAD("/", func(c echo.Context) error { return c.String(http.StatusOK, "nobody reads this") })
	s := serve(t, e)
	resp, err := s.Client().Head(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if all := attributes(tel.ended(t, 1)[0].Attributes()); all["http.response.body.size"] != int64(0) {
		t.Errorf("the span has %v", all)
	}
}

func TestMiddlewareOutsideGetsItsWriterBack(t *testing.T) {
	t.Parallel()
	for name, handler := range map[string]echo.HandlerFunc{
		"after an answer": func(c echo.Context) error { return c.NoContent(http.StatusOK) },
		"after an error":  fails(errPlain),
		"after a panic":   panics(errPlain),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tel := newTelemetry(t)
			e := newEcho()
			e.Use(quietRecover(), func(next echo.HandlerFunc) echo.HandlerFunc {
				return func(c echo.Context) error {
					before := c.Response().Writer
					defer func() {
						if c.Response().Writer != before {
							t.Errorf("the writer is a %T", c.Response().Writer)
						}
					}()
					return next(c)
				}
			}, tel.middleware())
			e.GET("/", handler)
			s := serve(t, e)
			get(t, s.Client(), s.URL)
			tel.ended(t, 1)
		})
	}
}

func TestTheServersOtherTimingsAreKept(t *testing.T) {
	t.Parallel()
	tel := newTelemetry(t)
	e := newEcho()
	e.Use(func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			c.Response().Header().Add("Server-Timing", "outside;dur=1")
			return next(c)
		}
	}, tel.middleware())
	e.GET("/", func(c echo.Context) error {
		c.Response().Header().Add("Server-Timing", "db;dur=2")
		return c.NoContent(http.StatusOK)
	})
	s := serve(t, e)
	got := get(t, s.Client(), s.URL).header.Values("Server-Timing")
	if len(got) != 3 || got[0] != "outside;dur=1" || !strings.HasPrefix(got[1], "trace;desc=00-") || got[2] != "db;dur=2" {
		t.Errorf("server-timing is %q", got)
	}
}

// Echo's Timeout leaves its writer in the response when the time is over: what the late
// handler writes must not get into an answer that is finished.
func TestAWriterThatIsLeftInsideStays(t *testing.T) {
	t.Parallel()
	tel := newTelemetry(t)
	e := newEcho()
	type left struct{ http.ResponseWriter }
	var stays, before http.ResponseWriter
	e.Use(func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			before = c.Response().Writer
			err := next(c)
			stays = c.Response().Writer
			c.Response().Writer = before
			return err
		}
	}, tel.middleware())
	e.GET("/", func(c echo.Context) error {
		_ = c.NoContent(http.StatusServiceUnavailable)
		c.Response().Writer = &left{c.Response().Writer}
		return nil
	})
	s := serve(t, e)
	get(t, s.Client(), s.URL)
	tel.ended(t, 1)
	if _, ok := stays.(*left); !ok {
		t.Errorf("the writer is a %T", stays)
	}
}

// The late handler of Echo's Timeout is told that its time is over, and nothing of what
// it writes is in the answer.
func TestALateHandlersAnswerIsNotTheClients(t *testing.T) {
	t.Parallel()
	if raceDetector {
		t.Skip("Echo's Timeout races with its handler by design")
	}
	for name, register := range map[string]func(*echo.Echo, echo.MiddlewareFunc){
		"Timeout inside":  around(timesOut()),
		"Timeout outside": inside(timesOut()),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tel := newTelemetry(t)
			e := newEcho()
			register(e, tel.middleware())
			late, answered := make(chan error, 1), make(chan struct{})
			e.GET("/", func(c echo.Context) error {
				<-answered
				_, err := c.Response().Write([]byte("late"))
				late <- err
				return err
			})
			s := serve(t, e)
			got := get(t, s.Client(), s.URL)
			close(answered)
			if err := <-late; !errors.Is(err, http.ErrHandlerTimeout) {
				t.Errorf("the handler was told %v", err)
			}
			if got.status != http.StatusServiceUnavailable || strings.Contains(got.body, "late") {
				t.Errorf("answered %d %q", got.status, got.body)
			}
			span, line := tel.ended(t, 1)[0], tel.completion(t, 1)[0]
			if attributes(span.Attributes())["http.response.status_code"] != int64(503) || line["status"] != float64(503) {
				t.Errorf("the span has %v; the line is %v", span.Attributes(), line)
			}
		})
	}
}

func timesOut() echo.MiddlewareFunc {
	return echomiddleware.TimeoutWithConfig(echomiddleware.TimeoutConfig{Timeout: 5 * time.Millisecond}) //nolint:staticcheck // it is what is used
}
