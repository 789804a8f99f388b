// SPDX-License-Identifier: Apache-2.0

package nethttp_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/http/httputil"
	"net/textproto"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/asynclocal/asynclocal/internal/servertest"
	"github.com/asynclocal/asynclocal/middleware/nethttp"
)

// A proxy adds the headers of what is behind it to those that are there, and clears all
// after a status of 1xx: the answer has our id, and no other.
func TestAProxysAnswerHasOneID(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		behind http.HandlerFunc
		opts   []nethttp.Option
		early  int
	}{
		"another id behind": {behind: func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Request-Id", "behind")
			w.WriteHeader(http.StatusTeapot)
		}},
		"a body alone behind": {behind: func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Request-Id", "behind")
			_, _ = w.Write([]byte("body"))
		}},
		"early hints behind": {early: 1, behind: func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Link", "</a.css>; rel=preload")
			w.WriteHeader(http.StatusEarlyHints)
			w.Header().Set("X-Request-Id", "behind")
			_, _ = w.Write([]byte("body"))
		}},
		"early hints behind, and no id": {early: 1, behind: func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusEarlyHints)
		}},
		"early hints behind, without timings": {early: 1, opts: []nethttp.Option{nethttp.WithoutServerTiming()}, behind: func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusEarlyHints)
		}},
		"ours is behind as well": {behind: func(w http.ResponseWriter, r *http.Request) {
			nethttp.New()(http.NotFoundHandler()).ServeHTTP(w, r)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			behind := servertest.Serve(t, tt.behind)
			target, err := url.Parse(behind.URL)
			if err != nil {
				t.Fatal(err)
			}
			tel := newTelemetry()
			proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) }, Transport: behind.Client().Transport}
			s := servertest.Serve(t, tel.wrap(proxy, tt.opts...))
			header, early := hint(t, s)
			if got := header.Values("X-Request-Id"); !slices.Equal(got, []string{"ours"}) {
				t.Errorf("the ids are %q", got)
			}
			if timing := header.Values("Server-Timing"); (len(timing) == 0 || !strings.Contains(timing[0], tel.Ended(t, 1)[0].SpanContext().SpanID().String())) && tt.opts == nil {
				t.Errorf("the timings are %q", timing)
			}
			if early != tt.early {
				t.Errorf("%d early answers", early)
			}
		})
	}
}

// hint gets s as ours, and counts the answers of 1xx.
func hint(t *testing.T, s *httptest.Server) (header http.Header, early int) {
	t.Helper()
	ctx := httptrace.WithClientTrace(context.Background(), &httptrace.ClientTrace{
		Got1xxResponse: func(int, textproto.MIMEHeader) error { early++; return nil },
	})
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Request-Id", "ours")
	res, err := s.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	return res.Header, early
}

// What a handler says on purpose stays.
func TestAHandlersOwnIDStays(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		handler http.HandlerFunc
		want    []string
	}{
		"set": {func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("X-Request-Id", "own") }, []string{"own"}},
		"set, after hints": {func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusEarlyHints)
			w.Header().Set("X-Request-Id", "own")
		}, []string{"own"}},
		"removed": {func(w http.ResponseWriter, _ *http.Request) { w.Header().Del("X-Request-Id") }, nil},
		"removed, and hints": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Del("X-Request-Id")
			w.WriteHeader(http.StatusEarlyHints)
		}, nil},
		"two of its own": {func(w http.ResponseWriter, _ *http.Request) { w.Header()["X-Request-Id"] = []string{"a", "b"} }, []string{"a", "b"}},
		"added":          {func(w http.ResponseWriter, _ *http.Request) { w.Header().Add("X-Request-Id", "own") }, []string{"ours"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := servertest.Serve(t, newTelemetry().wrap(tt.handler))
			header, _ := hint(t, s)
			if got := header.Values("X-Request-Id"); !slices.Equal(got, tt.want) {
				t.Errorf("the ids are %q, want %q", got, tt.want)
			}
		})
	}
}
