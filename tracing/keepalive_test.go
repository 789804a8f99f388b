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

func TestAReusedConnectionSeesNoOtherRequest(t *testing.T) {
	t.Parallel()
	needAmbient(t)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		_, _ = w.Write(append(body, r.Header.Get("X-Request-Id")...))
	}))
	defer server.Close()
	saw := &sightings{seen: map[string][]string{}}
	base := &http.Transport{DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
		saw.note(ctx, "dial")
		return new(net.Dialer).DialContext(ctx, network, addr)
	}}
	defer base.CloseIdleConnections()
	client := &http.Client{Transport: tracing.Transport(base, tracing.WithRequestIDTo("*"))}
	ids := []string{"first", "second", "third"}
	for _, id := range ids {
		store.NewRequest(id).Run(bg(), func(context.Context) {
			if got, err := post(client, server.URL, saw); err != nil || got != "body "+id {
				t.Errorf("%s: got %q, %v", id, got, err)
			}
		})
	}
	saw.mu.Lock()
	defer saw.mu.Unlock()
	if got := saw.seen["dial"]; len(got) != 1 || got[0] != "none ctx first" {
		t.Errorf("dials saw %q, want one, of the first request's ctx", got)
	}
	if len(saw.seen["reused"]) != len(ids)-1 {
		t.Errorf("%d connections were reused, want %d", len(saw.seen["reused"]), len(ids)-1)
	}
	for where, seen := range saw.seen {
		for _, s := range seen {
			if where != "dial" && s != "none" {
				t.Errorf("%s saw request %q", where, s)
			}
		}
	}
	for _, where := range []string{"wrote headers", "wrote request", "first byte", "request body"} {
		if len(saw.seen[where]) < len(ids) {
			t.Errorf("%s was seen %d times only", where, len(saw.seen[where]))
		}
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
