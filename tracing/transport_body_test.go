// SPDX-License-Identifier: Apache-2.0

package tracing_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/codes"

	"github.com/asynclocal/asynclocal/tracing"
)

func TestHowAClientSpanEnds(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	tests := []struct {
		name      string
		base      roundTripper
		use       func(*http.Response)
		status    codes.Code
		errorType string
		open      bool // after RoundTrip
	}{
		{"with the body's end", respond(200), func(res *http.Response) { _, _ = io.ReadAll(res.Body) }, codes.Unset, "", true},
		{"with the body's close", respond(200), func(res *http.Response) { _ = res.Body.Close() }, codes.Unset, "", true},
		{"a client error", respond(404), func(res *http.Response) { _ = res.Body.Close() }, codes.Error, "404", true},
		{"a server error", respond(503), func(res *http.Response) { _ = res.Body.Close() }, codes.Error, "503", true},
		{"an error", func(*http.Request) (*http.Response, error) { return nil, broken }, nil, codes.Error, "*errors.errorString", false},
		{"a cancelled context", func(*http.Request) (*http.Response, error) { return nil, context.Canceled }, nil, codes.Error, "context.Canceled", false},
		{"no body", func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: http.StatusNoContent, Proto: "HTTP/2.0", ProtoMajor: 2, Body: http.NoBody}, nil
		}, nil, codes.Unset, "", false},
		{"a connection that is switched", respond(101), nil, codes.Unset, "", false},
		{"a body that breaks", func(*http.Request) (*http.Response, error) {
			res := answer(200)
			res.Body = io.NopCloser(io.MultiReader(strings.NewReader("x"), failing{broken}))
			return res, nil
		}, func(res *http.Response) { _, _ = io.ReadAll(res.Body) }, codes.Error, "*errors.errorString", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := record()
			rt := tracing.Transport(tt.base, tracing.WithTracerProvider(r.provider))
			req, _ := http.NewRequest(http.MethodPost, "http://user:password@example.com/", nil)
			res, _ := rt.RoundTrip(req)
			if open := len(r.spans.Ended()) == 0; open != tt.open {
				t.Errorf("open after RoundTrip: %v, want %v", open, tt.open)
			}
			if tt.use != nil {
				tt.use(res)
				_ = res.Body.Close()
			}
			s := ended(t, r, "POST")
			if got := attributes(s)["error.type"]; s.Status().Code != tt.status || got != tt.errorType {
				t.Errorf("status %v, error.type %q, want %v, %q", s.Status(), got, tt.status, tt.errorType)
			}
			if got := attributes(s)["url.full"]; got != "http://REDACTED:REDACTED@example.com/" {
				t.Errorf("url.full = %q", got)
			}
		})
	}
}

func respond(code int) roundTripper {
	return func(*http.Request) (*http.Response, error) { return answer(code), nil }
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }
