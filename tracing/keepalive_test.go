// SPDX-License-Identifier: Apache-2.0

package tracing_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/asynclocal/asynclocal/store"
	"github.com/asynclocal/asynclocal/tracing"
)

// sightings is what the parts of a client, on whatever goroutine they run, saw of
// requests: the ambient one and the one of their ctx.
type sightings struct {
	mu   sync.Mutex
	seen map[string][]string
}

func (s *sightings) note(ctx context.Context, where string) {
	ambient, carried := "none", ""
	if r, ok := store.Current(); ok {
		ambient = r.ID()
	}
	if ctx != nil {
		carried = " ctx none"
		store.Exit(func() {
			if r, ok := store.CurrentFrom(ctx); ok {
				carried = " ctx " + r.ID()
			}
		})
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen[where] = append(s.seen[where], ambient+carried)
}

func (s *sightings) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		GotConn:              func(i httptrace.GotConnInfo) { s.note(nil, map[bool]string{true: "reused", false: "opened"}[i.Reused]) },
		WroteHeaders:         func() { s.note(nil, "wrote headers") },
		WroteRequest:         func(httptrace.WroteRequestInfo) { s.note(nil, "wrote request") },
		GotFirstResponseByte: func() { s.note(nil, "first byte") },
		PutIdleConn:          func(error) { s.note(nil, "put idle") },
	}
}

// noting is a request body.
type noting struct {
	io.Reader
	*sightings
}

func (n noting) Read(p []byte) (int, error) {
	n.note(nil, "request body")
	return n.Reader.Read(p)
}

func (s *sightings) at(where string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.seen[where])
}

// others returns where a request saw one that is not its own.
func (s *sightings) others() (found []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for where, seen := range s.seen {
		for _, what := range seen {
			if where != "dial" && what != "none" {
				found = append(found, where+" saw "+what)
			}
		}
	}
	return found
}

var threeIDs = []string{"first", "second", "third"}

// threeRequests sends three requests, one after the other, over one connection.
func threeRequests(t *testing.T, http2 bool, wrap func(http.RoundTripper) http.RoundTripper) *sightings {
	t.Helper()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		_, _ = w.Write(append(body, r.Proto...))
	}))
	server.EnableHTTP2 = http2
	server.StartTLS()
	defer server.Close()
	saw := &sightings{seen: map[string][]string{}}
	base := server.Client().Transport.(*http.Transport).Clone()
	base.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
		saw.note(ctx, "dial")
		return new(net.Dialer).DialContext(ctx, network, addr)
	}
	defer base.CloseIdleConnections()
	want := map[bool]string{false: "body HTTP/1.1", true: "body HTTP/2.0"}[http2]
	client := &http.Client{Transport: wrap(base)}
	for _, id := range threeIDs {
		store.NewRequest(id).Run(bg(), func(context.Context) {
			if got, err := post(client, server.URL, saw); err != nil || got != want {
				t.Errorf("%s: got %q, %v", id, got, err)
			}
		})
	}
	return saw
}

func TestAReusedConnectionSeesNoOtherRequest(t *testing.T) {
	t.Parallel()
	needAmbient(t)
	for name, http2 := range map[string]bool{"HTTP/1.1": false, "HTTP/2": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			saw := threeRequests(t, http2, func(base http.RoundTripper) http.RoundTripper { return tracing.Transport(base) })
			if found := saw.others(); found != nil {
				t.Errorf("%q", found)
			}
			if got := saw.at("dial"); len(got) != 1 || got[0] != "none ctx first" {
				t.Errorf("dials saw %q, want one, of the first request's ctx", got)
			}
			if n := len(saw.at("reused")); n != len(threeIDs)-1 {
				t.Errorf("%d connections were reused, want %d", n, len(threeIDs)-1)
			}
			for _, where := range []string{"wrote headers", "wrote request", "first byte", "request body"} {
				if len(saw.at(where)) < len(threeIDs) {
					t.Errorf("%s was seen %d times only", where, len(saw.at(where)))
				}
			}
		})
	}
}

// The test above can fail: without Transport a connection is its first request's.
func TestABareConnectionSeesItsFirstRequest(t *testing.T) {
	t.Parallel()
	needAmbient(t)
	for name, http2 := range map[string]bool{"HTTP/1.1": false, "HTTP/2": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			saw := threeRequests(t, http2, func(base http.RoundTripper) http.RoundTripper { return base })
			if !slices.Contains(saw.others(), "first byte saw first") {
				t.Errorf("others were seen only here: %q", saw.others())
			}
			if n := len(saw.at("first byte")); n != len(threeIDs) {
				t.Errorf("%d first bytes", n)
			}
		})
	}
}

// post is code that has no ctx.
func post(client *http.Client, url string, saw *sightings) (string, error) {
	ctx := httptrace.WithClientTrace(bg(), saw.trace())
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, noting{strings.NewReader("body "), saw})
	if err != nil {
		return "", err
	}
	res, err := client.Do(req)
	if err != nil {
		return "", err
	}
	body, err := io.ReadAll(res.Body)
	return string(body), errors.Join(err, res.Body.Close())
}
