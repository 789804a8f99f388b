// SPDX-License-Identifier: Apache-2.0

package inspect_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/asynclocal/asynclocal/inspect"
)

type event struct {
	id       string
	Requests []row `json:"requests"`
	More     bool  `json:"more"`
}

// listen opens the event stream of a real server and returns its events.
func listen(t *testing.T, url, lastID string) <-chan event {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if lastID != "" {
		r.Header.Set("Last-Event-ID", lastID)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = res.Body.Close() })
	if got := res.Header.Get("Content-Type"); got != "text/event-stream" {
		t.Fatalf("content type %q", got)
	}
	events := make(chan event, 100)
	go func() {
		defer close(events)
		var e event
		for s := bufio.NewScanner(res.Body); s.Scan(); {
			if id, ok := strings.CutPrefix(s.Text(), "id: "); ok {
				e.id = id
			}
			if data, ok := strings.CutPrefix(s.Text(), "data: "); ok {
				if json.Unmarshal([]byte(data), &e) == nil {
					events <- e
				}
				e = event{}
			}
		}
	}()
	return events
}

func next(t *testing.T, events <-chan event) event {
	t.Helper()
	select {
	case e, ok := <-events:
		if !ok {
			t.Fatal("the stream ended")
		}
		return e
	case <-time.After(30 * time.Second):
		t.Fatal("no event")
	}
	return event{}
}

func serve(t *testing.T, opts ...inspect.Option) (*inspect.Inspector, string) {
	t.Helper()
	insp := inspect.New(append([]inspect.Option{inspect.WithoutToken()}, opts...)...)
	srv := httptest.NewServer(insp)
	t.Cleanup(func() {
		insp.Close() // first: open streams end, and the server can
		srv.Close()
		http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	})
	return insp, srv.URL + "/inspect"
}

func TestTheStreamSendsWhatChanges(t *testing.T) {
	insp, url := serve(t)
	sendNumbered(t, insp, 1)
	all := listen(t, url+"/api/stream", "")
	sendNumbered(t, insp, 2)
	first := next(t, all)
	if len(first.Requests) != 1 || first.Requests[0].ID != "r2" {
		t.Fatalf("%+v, want what came after the stream was opened", first)
	}
	sendSpans(t, insp, "worker", span("1", "job", kind(consumer), child("1 s")))
	second := next(t, all)
	if len(second.Requests) != 1 || second.Requests[0].ID != "r1" || second.Requests[0].Jobs != 1 {
		t.Fatalf("%+v, want request 1 again, with its job", second)
	}
	again := listen(t, url+"/api/stream", first.id)
	if e := next(t, again); len(e.Requests) != 1 || e.Requests[0].ID != "r1" {
		t.Errorf("after a reconnect: %+v, want what was missed", e)
	}
}

// Between the answer and the stream there is time for something to happen.
func TestTheStreamBeginsWhereAnAnswerEnded(t *testing.T) {
	insp, url := serve(t)
	sendNumbered(t, insp, 1)
	list := get[struct {
		Seq string `json:"seq"`
	}](t, insp, "requests")
	sendNumbered(t, insp, 2)
	view := get[struct {
		Seq string `json:"seq"`
	}](t, insp, "requests/r2")
	sendNumbered(t, insp, 3)
	for _, c := range []struct{ after, want string }{{list.Seq, "r3 r2"}, {view.Seq, "r3"}, {"0", "r3 r2 r1"}, {"1000000", "r3 r2 r1"}} {
		var got []string
		for _, r := range next(t, listen(t, url+"/api/stream?after="+c.after, "")).Requests {
			got = append(got, r.ID)
		}
		slices.Sort(got)
		slices.Reverse(got)
		if strings.Join(got, " ") != c.want {
			t.Errorf("after %s: %v, want %s", c.after, got, c.want)
		}
	}
}

func TestTheStreamTakesTheListsFilter(t *testing.T) {
	insp, url := serve(t)
	errors := listen(t, url+"/api/stream?status=error", "")
	sendNumbered(t, insp, 1)
	sendSpans(t, insp, "shop", request("bad", "bad", "bad", "GET", "/", 500))
	if e := next(t, errors); len(e.Requests) != 1 || e.Requests[0].ID != "bad" {
		t.Errorf("%+v", e)
	}
}

func TestABusyStreamSendsTheNewestAndSaysSo(t *testing.T) {
	insp, url := serve(t)
	events := listen(t, url+"/api/stream?limit=5", "")
	sendNumbered(t, insp, 0)
	next(t, events)
	for i := range 50 { // within the pause after an event
		sendNumbered(t, insp, 1+i)
	}
	for got := ""; got != "r50"; {
		e := next(t, events)
		if len(e.Requests) > 5 || len(e.Requests) == 5 && !e.More {
			t.Fatalf("%d rows, more %v", len(e.Requests), e.More)
		}
		got = e.Requests[0].ID
	}
}

func TestCloseEndsStreams(t *testing.T) {
	insp, url := serve(t)
	events := listen(t, url+"/api/stream", "")
	insp.Close()
	select {
	case _, open := <-events:
		if open {
			t.Error("an event after Close")
		}
	case <-time.After(30 * time.Second):
		t.Error("the stream is still open")
	}
}

// A server's write timeout is meant for answers that end; the live page must survive it.
func TestTheStreamOutlivesTheServersWriteTimeout(t *testing.T) {
	insp := inspect.New(inspect.WithoutToken())
	srv := httptest.NewUnstartedServer(insp)
	srv.Config.WriteTimeout = 50 * time.Millisecond
	srv.Start()
	t.Cleanup(func() { insp.Close(); srv.Close() })
	events := listen(t, srv.URL+"/inspect/api/stream", "")
	began := time.Now()
	for i := 0; time.Since(began) < 300*time.Millisecond; i++ {
		sendNumbered(t, insp, i)
		next(t, events)
	}
}

func TestManyExportersReadersAndEvictionsAtOnce(t *testing.T) {
	insp, url := serve(t, inspect.WithMaxBytes(1<<20))
	events := listen(t, url+"/api/stream", "")
	done := make(chan struct{})
	for w := range 4 {
		go func() {
			for i := range 150 {
				sendOrder(t, insp, fmt.Sprint(w, "-", i), fmt.Sprint("r", w, "-", i), 201)
			}
			done <- struct{}{}
		}()
	}
	for open := 4; open > 0; {
		select {
		case <-done:
			open--
		default:
			for _, r := range get[listing](t, insp, "requests?q=order&limit=50").Requests {
				do(insp, newRequest("GET", "/inspect/api/requests/"+escape(r.ID), nil)) // may be evicted by now
			}
		}
	}
	next(t, events)
	if held := get[listing](t, insp, "requests").Held; held.Bytes > 1<<20 {
		t.Errorf("%+v", held)
	}
}
