// SPDX-License-Identifier: Apache-2.0

package servertest

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"syscall"
	"testing"

	"go.opentelemetry.io/otel/codes"
)

func read(c Context) error {
	_, err := io.ReadAll(c.Request().Body)
	return err
}

func anUploadThatBreaksOffIsNotAServerError(t *testing.T, f *Framework) {
	t.Parallel()
	tel := NewTelemetry()
	h := f.Server()
	h.Use(f.middleware(t, tel.options(With("WithBodySizes"))...))
	h.Handle(http.MethodPost, "/", read)
	s := Serve(t, h)
	body := io.MultiReader(strings.NewReader("12345"), errorReader{errors.New("the client's disk failed")})
	req := NewRequest(t.Context(), t, s, http.MethodPost, "/", body)
	req.ContentLength = 1000
	if got := Do(s, req); got.Status != 0 {
		t.Fatal("the client sent less than it announced, and got an answer")
	}
	if span, all := tel.Span(t); span.Status().Code != codes.Unset || all["http.request.body.size"] != int64(5) {
		t.Errorf("the span is %v, %v", span.Status(), all)
	}
}

func aBodyThatBreaksOffAndOneThatIsNonsense(t *testing.T, f *Framework) {
	t.Parallel()
	for name, tt := range map[string]struct {
		err  error
		gone bool
	}{
		"the end is missing":        {io.ErrUnexpectedEOF, true},
		"the connection was reset":  {&net.OpError{Op: "read", Err: syscall.ECONNRESET}, true},
		"the server read too long":  {&net.OpError{Op: "read", Err: os.ErrDeadlineExceeded}, false},
		"it is not what it is said": {errors.New("malformed chunked encoding"), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tel := NewTelemetry()
			h := f.Server()
			h.Use(f.middleware(t, tel.options()...))
			h.Handle(http.MethodPost, "/", read)
			ctx, cancel := context.WithCancel(t.Context())
			h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(ctx, http.MethodPost, "/", errorReader{tt.err}))
			cancel()
			l := tel.Completion(t, 1)[0]
			if gone := l["client_gone"] == true; gone != tt.gone || gone == (l["status"] == float64(500)) {
				t.Errorf("the completion line is %v", l)
			}
		})
	}
}

type errorReader struct{ err error }

func (r errorReader) Read([]byte) (int, error) { return 0, r.err }

func aBodyThatIsNotSentHasNoSize(t *testing.T, f *Framework) {
	t.Parallel()
	tel := NewTelemetry()
	h := f.Server()
	h.Use(f.middleware(t, tel.options(With("WithBodySizes"))...))
	h.Handle(http.MethodHead, "/", Text(http.StatusOK))
	Send(t, Serve(t, h), http.MethodHead, "/", nil)
	if _, all := tel.Span(t); all["http.response.body.size"] != int64(0) {
		t.Errorf("the span has %v", all)
	}
}

// It is not parallel: the environment is shared by the process.
func aMultipartFormLeavesNoFile(t *testing.T, f *Framework) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	for name, tt := range map[string]struct {
		needs           []Trait
		outside, inside []Middleware
		leave           Handler
		status          int
	}{
		"alone":                            {nil, nil, nil, Fails(nil), 200},
		"after a panic":                    {nil, nil, nil, Panics(http.ErrAbortHandler), 0},
		"with another copy of the request": {[]Trait{Replaces}, nil, []Middleware{Copies}, Fails(nil), 200},
		"inside of another copy":           {nil, []Middleware{Copies}, nil, Fails(nil), 200},
	} {
		t.Run(name, func(t *testing.T) {
			f.need(t, tt.needs...)
			tel := NewTelemetry()
			h := f.Server()
			spilled := 0
			tt := Outcome{Outside: tt.outside, Inside: tt.inside, Method: http.MethodPost, Handler: after(func(c Context) error {
				if err := c.Request().ParseMultipartForm(1 << 10); err != nil {
					return err
				}
				files, err := os.ReadDir(dir)
				spilled = len(files)
				return err
			}, tt.leave), Expect: Expect{Client: tt.status}}
			tt.register(t, f, h, f.middleware(t, tel.options()...))
			const head = "--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"f\"\r\n\r\n"
			body := head + strings.Repeat("x", 11<<20) + "\r\n--b--\r\n"
			got := Send(t, Serve(t, h), http.MethodPost, "/x", strings.NewReader(body), "Content-Type", "multipart/form-data; boundary=b")
			tel.Ended(t, 1)
			if spilled != 1 || got.Status != tt.Client {
				t.Fatalf("the upload made %d files, and was answered %d: this tests nothing", spilled, got.Status)
			}
			if files, _ := os.ReadDir(dir); len(files) != 0 {
				t.Errorf("%d files are left", len(files))
			}
		})
	}
}
