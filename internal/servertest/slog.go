// SPDX-License-Identifier: Apache-2.0

package servertest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/asynclocal/asynclocal/logging"
)

// slogSink keeps what a handler writes.
type slogSink struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *slogSink) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

// lines are those that were written, each once.
func (s *slogSink) lines(t *testing.T) (all []Line, text string) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	for line := range strings.Lines(s.b.String()) {
		var l Line
		if err := json.Unmarshal([]byte(line), &l); err != nil {
			t.Fatalf("%v in %s", err, line)
		}
		all = append(all, l)
	}
	return all, s.b.String()
}

// failing is a handler that panics with its lines.
type failing struct{ slog.Handler }

func (failing) Handle(context.Context, slog.Record) error { panic("a sink that panics") }

// What slog is given is what zap is, whether or not the handler is correlated already, and beside it.
func theCompletionLineToSlog(t *testing.T, f *Framework) {
	t.Parallel()
	for name, handler := range map[string]Handler{
		"of an answer": func(c Context) error { return c.String(http.StatusCreated, "made") },
		"of an error":  Fails(errors.New("no order")),
	} {
		for who, wrap := range map[string]func(slog.Handler) slog.Handler{
			"a bare handler":       func(h slog.Handler) slog.Handler { return h },
			"a correlated handler": func(h slog.Handler) slog.Handler { return logging.NewHandler(h) },
		} {
			t.Run(name+", "+who, func(t *testing.T) {
				t.Parallel()
				var sink slogSink
				tel := NewTelemetry()
				h := f.Server()
				h.Use(f.middleware(t, tel.options(With("WithSlog", wrap(slog.NewJSONHandler(&sink, nil))))...))
				h.Handle(http.MethodPost, "/orders/:id", handler)
				Send(t, Serve(t, h), http.MethodPost, "/orders/7", strings.NewReader("hello"))
				want := tel.Completion(t, 1)[0]
				got, text := sink.lines(t)
				if len(got) != 1 {
					t.Fatalf("%d lines: %s", len(got), text)
				}
				level, _ := got[0]["level"].(string)
				if shown, _ := want["level"].(string); !strings.EqualFold(level, shown) || strings.Count(text, `"request_id"`) != 1 {
					t.Errorf("%s", text)
				}
				delete(got[0], "time")
				delete(got[0], "level")
				delete(want, "level")
				for key, value := range want {
					if got[0][key] != value {
						t.Errorf("%s is %v, want %v", key, got[0][key], value)
					}
				}
				if len(got[0]) != len(want) {
					t.Errorf("%v, want %v", got[0], want)
				}
			})
		}
	}
	for name, tt := range map[string]struct {
		handler func(slog.Handler) slog.Handler
		opts    []Option
		lines   int
	}{
		"without access log":              {func(h slog.Handler) slog.Handler { return h }, []Option{With("WithoutAccessLog")}, 0},
		"a handler that panics costs its": {func(h slog.Handler) slog.Handler { return failing{h} }, nil, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var sink slogSink
			tel := NewTelemetry()
			h := f.Server()
			h.Use(f.middleware(t, tel.options(append(tt.opts, With("WithSlog", tt.handler(slog.NewJSONHandler(&sink, nil))))...)...))
			h.Handle(http.MethodGet, "/x", func(c Context) error { return c.String(http.StatusOK, "x") })
			if got := Send(t, Serve(t, h), http.MethodGet, "/x", http.NoBody); got.Status != http.StatusOK {
				t.Errorf("%d", got.Status)
			}
			tel.Span(t)
			if all, text := sink.lines(t); len(all) != 0 || len(tel.Lines(t, "request completed")) != tt.lines {
				t.Errorf("%s and %d of zap", text, len(tel.Lines(t, "request completed")))
			}
		})
	}
}
