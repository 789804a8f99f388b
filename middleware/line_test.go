// SPDX-License-Identifier: Apache-2.0

package middleware_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"
	"go.uber.org/zap"

	"github.com/asynclocal/asynclocal/middleware"
)

// The fields of the completion line are a contract with whoever searches logs: these,
// in this order, each once.
func TestTheCompletionLine(t *testing.T) {
	t.Parallel()
	const ids = "level,msg,request_id,trace_id,span_id,trace_flags,"
	tests := map[string]struct {
		handler    echo.HandlerFunc
		path, want string
	}{
		"of an answer": {
			handler: func(c echo.Context) error {
				_, _ = io.Copy(io.Discard, c.Request().Body)
				return c.String(http.StatusCreated, "made")
			},
			want: ids + "method,route,path,status,duration_ms,bytes_in,bytes_out,client",
		},
		"of an error": {
			handler: fails(errors.New("no \"order\"\n7")),
			want:    ids + "method,route,path,status,duration_ms,bytes_in,bytes_out,client,error",
		},
		"of a panic": {
			handler: panics("boom"),
			want:    ids + "method,route,path,duration_ms,bytes_in,bytes_out,client,error,stack",
		},
		"of a path that is not there": {
			path: "/nowhere", handler: fails(nil),
			want: ids + "method,path,status,duration_ms,bytes_in,bytes_out,client,error",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for who, logger := range map[string]func(*telemetry) *zap.Logger{
				"a correlated logger": func(tel *telemetry) *zap.Logger { return tel.logger },
				"a bare one":          func(tel *telemetry) *zap.Logger { return zap.New(jsonCore(tel.sink)) },
			} {
				tel := newTelemetry(t)
				e := newEcho()
				e.Use(middleware.New(tel.options(middleware.WithLogger(logger(tel)))...))
				e.POST("/orders/:id", tt.handler)
				if tt.path == "" {
					tt.path = "/orders/7"
				}
				s := serve(t, e)
				if resp, err := s.Client().Post(s.URL+tt.path+"?sig=1", "text/plain", strings.NewReader("hello")); err == nil {
					_ = resp.Body.Close()
				}
				l := tel.completion(t, 1)[0]
				if got := strings.Join(keys(t, tel.sink.String()), ","); got != tt.want {
					t.Errorf("%s writes\n%s, want\n%s", who, got, tt.want)
				}
				tel.compareLine(t, l, tt.path)
			}
		})
	}
}

func (tel *telemetry) compareLine(t *testing.T, l line, path string) {
	t.Helper()
	span := tel.ended(t, 1)[0]
	took := span.EndTime().Sub(span.StartTime())
	want := line{
		"msg": "request completed", "method": "POST", "path": path, "client": "127.0.0.1",
		"duration_ms": float64(took) / float64(time.Millisecond), "trace_id": span.SpanContext().TraceID().String(),
		"span_id": span.SpanContext().SpanID().String(), "request_id": attributes(span.Attributes())["request.id"],
	}
	if l["route"] != nil {
		want["route"] = "/orders/:id"
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

// keys returns those of an object, in their order, a repeated one repeatedly.
func keys(t *testing.T, object string) (names []string) {
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
		names = append(names, name.(string))
		if err := in.Decode(new(any)); err != nil {
			t.Fatal(err)
		}
	}
	return names
}
