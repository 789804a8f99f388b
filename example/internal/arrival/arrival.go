// SPDX-License-Identifier: Apache-2.0

// Package arrival bounds how long the bodies of requests take to arrive. A server's
// ReadTimeout would also cut off slow answers, such as the inspector's and
// profiles.
package arrival

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"sync"
	"time"
)

// ErrSlow means that a body did not arrive in time.
var ErrSlow = errors.New("the request took too long to arrive")

// Tracker tracks the requests of a server. Make one with New; it is safe for
// concurrent use.
type Tracker struct {
	limit   time.Duration
	running sync.WaitGroup

	mu       sync.Mutex
	arriving map[*body]bool
	last     time.Time // when all must have arrived, zero if not at the same time
}

// New returns a Tracker. Its requests may take as long as limit to arrive.
func New(limit time.Duration) *Tracker {
	return &Tracker{limit: limit, arriving: map[*body]bool{}}
}

// Handler returns next with its requests tracked.
func (t *Tracker) Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		t.running.Add(1)
		defer t.running.Done()
		if r.Body != nil && r.Body != http.NoBody {
			b := &body{ReadCloser: r.Body, tracker: t, conn: http.NewResponseController(w)}
			ctx, cancel := b.context(r.Context())
			defer cancel()
			t.begin(b)
			defer t.end(b)
			r = r.WithContext(ctx)
			r.Body = b
		}
		next.ServeHTTP(w, r)
	})
}

// Hurry sets a deadline for the requests that are still arriving, and for those to
// come.
func (t *Tracker) Hurry(until time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.last = until
	for b := range t.arriving {
		b.expect(until)
	}
}

// Wait waits until the handlers have returned, but no longer than d, and reports
// whether they have.
func (t *Tracker) Wait(d time.Duration) bool {
	done := make(chan struct{})
	go func() { t.running.Wait(); close(done) }()
	select {
	case <-done:
		return true
	case <-time.After(d):
		return false
	}
}

func (t *Tracker) begin(b *body) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.arriving[b] = true
	until := time.Now().Add(t.limit)
	if !t.last.IsZero() && t.last.Before(until) {
		until = t.last
	}
	b.expect(until)
}

func (t *Tracker) end(b *body) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.arriving, b)
}

// body is a request's body that is arriving.
type body struct {
	io.ReadCloser
	tracker *Tracker
	conn    *http.ResponseController
	until   time.Time
}

// expect sets the connection's deadline. HTTP/2 and tests may have none.
func (b *body) expect(until time.Time) {
	b.until = until
	_ = b.conn.SetReadDeadline(until)
}

// context returns a context that is canceled when the client leaves, as ctx is. It
// is not canceled when the client is slow: the server confuses the two, but a slow
// client is owed an answer.
func (b *body) context(ctx context.Context) (context.Context, context.CancelFunc) {
	own, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		b.tracker.mu.Lock()
		slow := b.tracker.arriving[b] && !time.Now().Before(b.until)
		b.tracker.mu.Unlock()
		if !slow {
			cancel()
		}
	})
	return own, func() { stop(); cancel() }
}

// Read reads, and removes the deadline at the end. The server watches the
// connection until the answer is complete, and would read the deadline as the
// client's leaving.
func (b *body) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	switch {
	case errors.Is(err, io.EOF):
		b.tracker.mu.Lock()
		delete(b.tracker.arriving, b)
		b.expect(time.Time{})
		b.tracker.mu.Unlock()
	case errors.Is(err, os.ErrDeadlineExceeded):
		err = fmt.Errorf("%w: %w", ErrSlow, err)
	}
	return n, err
}
