// SPDX-License-Identifier: Apache-2.0

package servertest

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

func aStreamReachesTheClientAsItIsWritten(t *testing.T, f *Framework) {
	t.Parallel()
	tel := NewTelemetry()
	next := make(chan struct{}, 3)
	h := f.Server()
	h.Use(f.middleware(t, tel.options(With("WithBodySizes"))...))
	h.Handle(http.MethodGet, "/events", func(c Context) error {
		c.Writer().Header().Set("Content-Type", "text/event-stream")
		for i := range 3 {
			_, _ = fmt.Fprintf(c.Writer(), "data: %d\n\n", i)
			_ = http.NewResponseController(c.Writer()).Flush()
			select {
			case <-next:
			case <-c.Request().Context().Done():
				return c.Request().Context().Err()
			}
		}
		return nil
	})
	s := Serve(t, h)
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
	if _, all := tel.Span(t); all["http.response.body.size"] != int64(27) || all["http.response.status_code"] != int64(200) {
		t.Errorf("the span has %v", all)
	}
}

func theWriterIsWhatTheServersIs(t *testing.T, f *Framework) {
	t.Parallel()
	shape := func(w http.ResponseWriter) string {
		_, flusher := w.(http.Flusher)
		_, hijacker := w.(http.Hijacker)
		_, reader := w.(io.ReaderFrom)
		_, pusher := w.(http.Pusher)
		_, text := w.(io.StringWriter)
		return fmt.Sprint(flusher, hijacker, reader, pusher, text)
	}
	f.need(t, Shapes)
	for name, start := range Protocols {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := f.Server()
			h.Use(f.middleware(t, NewTelemetry().options()...))
			var bare string
			h.Handle(http.MethodGet, "/", func(c Context) error { return c.String(http.StatusOK, shape(c.Slot())) })
			s := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				bare = shape(w)
				h.ServeHTTP(w, r)
			}))
			if got := Get(t, s, "/").Body; got != bare {
				t.Errorf("it is Flusher, Hijacker, ReaderFrom, Pusher, StringWriter: %s; the server's is %s", got, bare)
			}
		})
	}
}

func aConnectionThatIsHijackedWithoutAnUpgradeHasNoStatus(t *testing.T, f *Framework) {
	t.Parallel()
	tel := NewTelemetry()
	h := f.Server()
	h.Use(f.middleware(t, tel.options()...))
	h.Handle(http.MethodGet, "/", hijacks)
	s := Serve(t, h)
	conn, err := net.Dial("tcp", s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(Deadline))
	_, _ = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	_, _ = io.Copy(io.Discard, conn)
	if _, all := tel.Span(t); all["http.response.status_code"] != nil || all["error.type"] != nil {
		t.Errorf("the span has %v", all)
	}
}

func middlewareOutsideGetsItsWriterBack(t *testing.T, f *Framework) {
	t.Parallel()
	f.need(t, Places)
	for name, handler := range map[string]Handler{"after an answer": Text(200), "after an error": Fails(ErrPlain), "after a panic": Panics(ErrPlain)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tel := NewTelemetry()
			h := f.Server()
			h.Use(append(f.parts(t, []Middleware{Recover}), func(next Handler) Handler {
				return func(c Context) error {
					before, under := c.Writer(), c.Slot()
					defer func() {
						if c.Writer() != before || c.Slot() != under {
							t.Errorf("the writer is a %T around a %T", c.Writer(), c.Slot())
						}
					}()
					return next(c)
				}
			}, f.middleware(t, tel.options()...))...)
			h.Handle(http.MethodGet, "/", handler)
			Get(t, Serve(t, h), "/")
			tel.Ended(t, 1)
		})
	}
}

func theServersOtherTimingsAreKept(t *testing.T, f *Framework) {
	t.Parallel()
	h := f.Server()
	h.Use(func(next Handler) Handler {
		return func(c Context) error {
			c.Writer().Header().Add("Server-Timing", "outside;dur=1")
			return next(c)
		}
	}, f.middleware(t, NewTelemetry().options()...))
	h.Handle(http.MethodGet, "/", func(c Context) error {
		c.Writer().Header().Add("Server-Timing", "db;dur=2")
		return c.NoContent(http.StatusOK)
	})
	got := Get(t, Serve(t, h), "/").Header.Values("Server-Timing")
	if len(got) != 3 || got[0] != "outside;dur=1" || !strings.HasPrefix(got[1], "trace;desc=00-") || got[2] != "db;dur=2" {
		t.Errorf("server-timing is %q", got)
	}
}

// The headers of an answer are recorded as they are when its status is sent: headers that are set
// later do not reach the client, or reach it as trailers.
func theHeadersAreThoseThatWentOut(t *testing.T, f *Framework) {
	t.Parallel()
	late := func(w http.ResponseWriter) { w.Header().Set("X-Answer", "late") }
	for name, tt := range map[string]struct {
		needs   []Trait
		handler func(w http.ResponseWriter)
		want    string
	}{
		"a status":       {[]Trait{Commits}, func(w http.ResponseWriter) { w.WriteHeader(http.StatusTeapot); late(w) }, "early"},
		"a body":         {nil, func(w http.ResponseWriter) { _, _ = w.Write([]byte("x")); late(w) }, "early"},
		"a body of text": {nil, func(w http.ResponseWriter) { _, _ = io.WriteString(w, "x"); late(w) }, "early"},
		"a flush":        {nil, func(w http.ResponseWriter) { _ = http.NewResponseController(w).Flush(); late(w) }, "early"},
		"nothing":        {nil, late, "late"},
		"an early hint":  {[]Trait{InformsAsIs}, func(w http.ResponseWriter) { w.WriteHeader(http.StatusEarlyHints); late(w) }, "late"},
		"a trailer": {[]Trait{Commits}, func(w http.ResponseWriter) {
			w.Header().Del("X-Answer")
			w.WriteHeader(http.StatusOK)
			late(w)
		}, ""},
		"a header removed": {[]Trait{Commits}, func(w http.ResponseWriter) { w.WriteHeader(http.StatusOK); w.Header().Del("X-Answer") }, "early"},
		"two statuses": {[]Trait{Commits}, func(w http.ResponseWriter) {
			w.WriteHeader(http.StatusOK)
			late(w)
			w.WriteHeader(http.StatusInternalServerError)
		}, "early"},
		"a panic after a status": {[]Trait{Commits}, func(w http.ResponseWriter) {
			w.WriteHeader(http.StatusOK)
			late(w)
			panic(http.ErrAbortHandler)
		}, "early"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f.need(t, tt.needs...)
			tel := NewTelemetry()
			h := f.Server()
			h.Use(f.middleware(t, tel.options(With("WithResponseHeaders", "X-Answer"))...))
			h.Handle(http.MethodGet, "/", func(c Context) error {
				c.Writer().Header().Set("X-Answer", "early")
				tt.handler(c.Writer())
				return nil
			})
			Get(t, Serve(t, h), "/")
			_, all := tel.Span(t)
			if got, _ := all["http.response.header.x-answer"].([]string); strings.Join(got, ",") != tt.want {
				t.Errorf("recorded %v, want %v", got, tt.want)
			}
		})
	}
}
