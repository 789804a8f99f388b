// SPDX-License-Identifier: Apache-2.0

package servertest

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"

	"github.com/asynclocal/asynclocal/logging"
	"github.com/asynclocal/asynclocal/store"
)

// The fields of the completion line are a contract with everything that searches logs: these, in
// this order, each once.
func theCompletionLine(t *testing.T, f *Framework) {
	t.Parallel()
	const ids = "level,msg,request_id,trace_id,span_id,trace_flags,"
	nowhere := ids + "method,path,status,duration_ms,bytes_in,bytes_out,client"
	if !f.lacks(NotFound) {
		nowhere += ",error"
	}
	for name, tt := range map[string]struct {
		handler    Handler
		path, want string
	}{
		"of an answer": {
			handler: func(c Context) error {
				_, _ = io.Copy(io.Discard, c.Request().Body)
				return c.String(http.StatusCreated, "made")
			},
			path: "/orders/7", want: ids + "method,route,path,status,duration_ms,bytes_in,bytes_out,client",
		},
		"of an error": {
			handler: Fails(errors.New("no \"order\"\n7")),
			path:    "/orders/7", want: ids + "method,route,path,status,duration_ms,bytes_in,bytes_out,client,error",
		},
		"of a panic": {
			handler: Panics("boom"),
			path:    "/orders/7", want: ids + "method,route,path,duration_ms,bytes_in,bytes_out,client,error,stack",
		},
		"of a path that is not there": {handler: Fails(nil), path: "/nowhere", want: nowhere},
	} {
		for who, logger := range map[string]func(*Telemetry) *zap.Logger{
			"a correlated logger": func(tel *Telemetry) *zap.Logger { return tel.Logger },
			"a bare one":          func(tel *Telemetry) *zap.Logger { return zap.New(jsonCore(tel.Sink)) },
		} {
			t.Run(name+", "+who, func(t *testing.T) {
				t.Parallel()
				tel := NewTelemetry()
				h := f.Server()
				if name == "of a panic" {
					h = f.bare()
				}
				h.Use(f.middleware(t, tel.options(With("WithLogger", logger(tel)))...))
				h.Handle(http.MethodPost, "/orders/:id", tt.handler)
				Send(t, Serve(t, h), http.MethodPost, tt.path+"?sig=1", strings.NewReader("hello"))
				l := tel.Completion(t, 1)[0]
				if got := strings.Join(names(t, tel.Sink.String()), ","); got != tt.want {
					t.Errorf("it writes\n%s, want\n%s", got, tt.want)
				}
				compareLine(t, f, tel, l, tt.path)
			})
		}
	}
}

func compareLine(t *testing.T, f *Framework, tel *Telemetry, l Line, path string) {
	t.Helper()
	span, all := tel.Span(t)
	took := span.EndTime().Sub(span.StartTime())
	want := Line{
		"msg": "request completed", "method": "POST", "path": path, "client": "127.0.0.1",
		"duration_ms": float64(took) / float64(time.Millisecond), "trace_id": span.SpanContext().TraceID().String(),
		"span_id": span.SpanContext().SpanID().String(), "request_id": all["request.id"],
	}
	if l["route"] != nil {
		want["route"] = f.route("/orders/:id")
	}
	if l["status"] == float64(http.StatusCreated) {
		want["bytes_in"], want["bytes_out"] = float64(5), float64(4)
	}
	for key, value := range want {
		if l[key] != value {
			t.Errorf("%s is %v, want %v", key, l[key], value)
		}
	}
}

// names returns the keys of an object, in their order, with repetitions.
func names(t *testing.T, object string) (all []string) {
	t.Helper()
	in := json.NewDecoder(strings.NewReader(object))
	if _, err := in.Token(); err != nil {
		t.Fatal(err)
	}
	for in.More() {
		name, err := in.Token()
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, name.(string))
		if err := in.Decode(new(any)); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

func fieldsOfARequestAreOnItsCompletionLine(t *testing.T, f *Framework) {
	t.Parallel()
	tel := NewTelemetry()
	h := f.Server()
	h.Use(f.middleware(t, tel.options()...))
	h.Handle(http.MethodGet, "/", func(c Context) error {
		logging.AddTo(c.Request().Context(), zap.String("tenant", "a"))
		return nil
	})
	Get(t, Serve(t, h), "/")
	if l := tel.Completion(t, 1)[0]; l["tenant"] != "a" {
		t.Errorf("the completion line is %v", l)
	}
}

// What comes from outside is read once, whatever is done to it later.
func headersThatAHandlerChangesAreNotReadAgain(t *testing.T, f *Framework) {
	t.Parallel()
	tel := NewTelemetry()
	h := f.Server()
	h.Use(f.middleware(t, tel.options()...))
	h.Handle(http.MethodGet, "/orders/:id", func(c Context) error {
		c.Request().Header.Set("X-Request-Id", "changed")
		c.Request().Method, c.Request().URL.Path, c.Request().Host = http.MethodDelete, "/changed", "changed"
		c.Writer().Header().Set("X-Request-Id", "changed")
		return c.NoContent(http.StatusOK)
	})
	Get(t, Serve(t, h), "/orders/7", "X-Request-Id", "abc")
	l := tel.Completion(t, 1)[0]
	if l["request_id"] != "abc" || l["method"] != "GET" || l["path"] != "/orders/7" || l["route"] != f.route("/orders/:id") {
		t.Errorf("the completion line is %v", l)
	}
}

func theErrorHandlerLogsInTheRequest(t *testing.T, f *Framework) {
	t.Parallel()
	f.need(t, Answers, Wraps)
	if !store.Ambient() {
		t.Skip("the error handler's logger has no ctx")
	}
	for name, tt := range map[string]struct {
		outside []Middleware
		before  bool
		wrapped bool
		without bool // the middleware
	}{
		"outermost":                         {},
		"outermost, wrapped":                {wrapped: true},
		"with a middleware outside":         {outside: []Middleware{hears(ErrPlain)}, wrapped: true},
		"with one before the router":        {outside: []Middleware{hears(ErrPlain)}, before: true, wrapped: true},
		"on a route without the middleware": {without: true, wrapped: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tel := NewTelemetry()
			h := f.Server()
			h.OnError(tt.wrapped, func(answer ErrorHandler) ErrorHandler {
				return func(c Context, err error) { tel.Logger.Info("answering"); answer(c, err) }
			})
			row := Outcome{Outside: tt.outside, Before: tt.before, Handler: Fails(ErrPlain)}
			if tt.without {
				row.Register = func(Server, Middleware) {}
			}
			row.register(t, f, h, f.middleware(t, tel.options()...))
			Get(t, Serve(t, h), "/x", "X-Request-Id", "abc")
			lines := tel.Lines(t, "answering")
			if len(lines) != 1 || !tt.without && (lines[0]["request_id"] != "abc" || lines[0]["span_id"] == nil) {
				t.Errorf("the error handler's lines are %v", lines)
			}
		})
	}
}
