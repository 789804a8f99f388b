// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/asynclocal/asynclocal/store"
)

// newServer starts an HTTP server, of version 1.1 or 2, whose listener's goroutines
// have no context.
func newServer(t *testing.T, version int, h http.Handler) *httptest.Server {
	t.Helper()
	server := httptest.NewUnstartedServer(h)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	if version == 2 {
		server.EnableHTTP2 = true
		server.StartTLS()
	} else {
		server.Start()
	}
	t.Cleanup(server.Close)
	return server
}

// fetch returns the response's body, and the error of a connection that broke off.
func fetch(t *testing.T, server *httptest.Server, path string, version int) (string, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := server.Client().Do(req)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	if response.ProtoMajor != version {
		t.Errorf("the protocol is %s, want version %d", response.Proto, version)
	}
	body, err := io.ReadAll(response.Body)
	return string(body), err
}

func overHTTP(t *testing.T, f func(t *testing.T, version int)) {
	for _, version := range []int{1, 2} {
		t.Run(fmt.Sprint("HTTP/", version), func(t *testing.T) {
			t.Parallel()
			f(t, version)
		})
	}
}

// seen writes what the handler's goroutine has when it begins, and who called.
func seen(w http.ResponseWriter, r *http.Request, s *store.Storage[string]) {
	value, ok := s.GetStore()
	request, _ := store.Current()
	_, _ = fmt.Fprintf(w, "%q %v %q", value, ok, request.ID())
	if r.URL.Query().Has("from") {
		_, _ = fmt.Fprint(w, " from "+r.RemoteAddr)
	}
}

func TestTheSecondRequestOfAConnectionSeesNothingOfTheFirst(t *testing.T) {
	t.Parallel()
	user := store.New("user", "nobody")
	overHTTP(t, func(t *testing.T, version int) {
		server := newServer(t, version, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			seen(w, r, user)
			store.NewRequest(r.URL.Path).Run(r.Context(), func(context.Context) {
				user.Run("ada", func() {
					user.EnterWith("eve")
					if r.URL.Query().Has("panic") {
						panic(http.ErrAbortHandler)
					}
				})
			})
		}))
		const clean = `"nobody" false ""`
		first, err := fetch(t, server, "/first?from", version)
		if err != nil || !strings.HasPrefix(first, clean) {
			t.Errorf("the first request saw %s (%v), want %s", first, err, clean)
		}
		second, err := fetch(t, server, "/second?from", version)
		if err != nil || second != first {
			t.Errorf("the second request saw %s (%v), want %s: the same connection", second, err, first)
		}
		if body, err := fetch(t, server, "/third?panic", version); err == nil {
			t.Errorf("a handler that panics answered %s", body)
		}
		if after, err := fetch(t, server, "/fourth", version); err != nil || after != clean {
			t.Errorf("the request after a panic saw %s (%v), want %s", after, err, clean)
		}
	})
}

func TestAPanicThatTheHandlerRecoversLeavesTheConnectionClean(t *testing.T) {
	t.Parallel()
	user := store.New("user", "nobody")
	overHTTP(t, func(t *testing.T, version int) {
		server := newServer(t, version, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			seen(w, r, user)
			defer func() { _ = recover() }()
			user.Run("ada", func() {
				user.EnterWith("eve")
				panic("handled outside the Run")
			})
		}))
		for range 3 {
			if got, err := fetch(t, server, "/", version); err != nil || got != `"nobody" false ""` {
				t.Errorf("the request saw %s (%v)", got, err)
			}
		}
	})
}

func TestConcurrentRequestsSeeEachTheirOwn(t *testing.T) {
	t.Parallel()
	ambientOnly(t)
	path := store.New("path", "")
	overHTTP(t, func(t *testing.T, version int) {
		server := newServer(t, version, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			store.NewRequest(r.URL.Path).Run(r.Context(), func(context.Context) {
				path.Run(r.URL.Path, func() {
					await(func() { seen(w, r, path) })
				})
			})
		}))
		var clients sync.WaitGroup
		for c := range 20 {
			clients.Go(func() {
				for n := range 20 {
					p := fmt.Sprintf("/%d/%d", c, n)
					want := fmt.Sprintf("%q true %q", p, p)
					if got, err := fetch(t, server, p, version); err != nil || got != want {
						t.Errorf("saw %s (%v), want %s", got, err, want)
					}
				}
			})
		}
		clients.Wait()
	})
}

func TestARequestThroughATimeoutHandlerKeepsItsContextAfterTheTimeout(t *testing.T) {
	t.Parallel()
	ambientOnly(t)
	user := store.New("user", "nobody")
	timedOut, checked := make(chan struct{}), make(chan struct{})
	slow := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		defer close(checked)
		<-timedOut
		wantSet(t, user, "ada")
		if r, _ := store.Current(); r.ID() != "r" || !r.Ended() {
			t.Errorf("the request is %q, ended: %v", r.ID(), r.Ended())
		}
	})
	h := http.TimeoutHandler(slow, 1, "too slow")
	server := newServer(t, 1, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		store.NewRequest("r").Run(r.Context(), func(ctx context.Context) {
			user.Run("ada", func() { h.ServeHTTP(w, r.WithContext(ctx)) })
		})
	}))
	if got, err := fetch(t, server, "/", 1); err != nil || got != "too slow" {
		t.Errorf("got %q (%v)", got, err)
	}
	close(timedOut)
	<-checked
}
