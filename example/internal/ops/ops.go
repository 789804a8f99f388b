// SPDX-License-Identifier: Apache-2.0

// Package ops lets the people who run the shop look at the jobs that were given up,
// and replay them: a page, an API, and a client of it for the command line.
package ops

import (
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"go.uber.org/zap"

	natsjobs "github.com/asynclocal/asynclocal/jobs/nats"
)

// Handler serves the dead letters of queue:
//
//	GET    /                        a page
//	GET    /dead-letters?after=N    a list, in pages
//	GET    /dead-letters/N          one
//	POST   /dead-letters/N/replay
//	POST   /dead-letters/replay     all of them
//	DELETE /dead-letters/N
//
// It is for a listener that no other machine reaches. It refuses requests that a
// browser sends on behalf of another site.
func Handler(queue *natsjobs.Queue) http.Handler {
	o := &operator{queue}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", o.page)
	mux.HandleFunc("GET /dead-letters", o.list)
	mux.HandleFunc("GET /dead-letters/{number}", o.show)
	mux.HandleFunc("POST /dead-letters/{number}/replay", o.replay)
	mux.HandleFunc("POST /dead-letters/replay", o.replayAll)
	mux.HandleFunc("DELETE /dead-letters/{number}", o.discard)
	return sameSite(http.NewCrossOriginProtection().Handler(mux))
}

// sameSite refuses host names that others may have given to this machine.
func sameSite(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, _, err := net.SplitHostPort(r.Host)
		if err != nil {
			host = r.Host
		}
		if ip := net.ParseIP(strings.Trim(host, "[]")); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
			http.Error(w, "ask for 127.0.0.1 or localhost", http.StatusForbidden)
			return
		}
		w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		next.ServeHTTP(w, r)
	})
}

type operator struct{ queue *natsjobs.Queue }

// Letter is a job that was given up.
type Letter struct {
	Number     uint64    `json:"number"`
	Job        string    `json:"job"`
	ID         string    `json:"id"`
	Reason     string    `json:"reason"`
	Deliveries int       `json:"deliveries"`
	Buried     time.Time `json:"buried"`
	RequestID  string    `json:"request_id,omitempty"`
	Data       string    `json:"data,omitempty"`
}

func letter(l natsjobs.DeadLetter) Letter {
	return Letter{
		Number: l.Number, Job: l.Name, ID: l.ID, Reason: l.Reason, Deliveries: l.Deliveries, Buried: l.Buried,
		RequestID: l.Header.Get("x-request-id"),
	}
}

const pageSize = 100

func (o *operator) list(w http.ResponseWriter, r *http.Request) {
	after, _ := strconv.ParseUint(r.URL.Query().Get("after"), 10, 64) // 0 begins
	found, err := o.queue.DeadLetters(r.Context(), after, pageSize)
	letters := []Letter{}
	for _, l := range found {
		letters = append(letters, letter(l))
	}
	answer(w, letters, err)
}

func (o *operator) show(w http.ResponseWriter, r *http.Request) {
	l, err := o.queue.DeadLetter(r.Context(), number(r))
	shown := letter(l)
	shown.Data = string(l.Data)
	answer(w, shown, err)
}

// result is the outcome of an operation.
type result struct {
	Replayed  int    `json:"replayed,omitempty"`
	Discarded int    `json:"discarded,omitempty"`
	Error     string `json:"error,omitempty"`
}

func (o *operator) replay(w http.ResponseWriter, r *http.Request) {
	err := o.queue.Replay(r.Context(), number(r))
	if err == nil {
		zap.L().Info("dead letter replayed", zap.Uint64("number", number(r)))
	}
	o.done(w, r, result{Replayed: 1}, err)
}

func (o *operator) replayAll(w http.ResponseWriter, r *http.Request) {
	n, err := o.queue.ReplayAll(r.Context())
	zap.L().Info("dead letters replayed", zap.Int("letters", n), zap.Error(err))
	o.done(w, r, result{Replayed: n}, err)
}

func (o *operator) discard(w http.ResponseWriter, r *http.Request) {
	err := o.queue.Discard(r.Context(), number(r))
	if err == nil {
		zap.L().Warn("dead letter discarded", zap.Uint64("number", number(r)))
	}
	o.done(w, r, result{Discarded: 1}, err)
}

// done answers a program with a result, and brings a browser back to the page.
func (o *operator) done(w http.ResponseWriter, r *http.Request, res result, err error) {
	if err == nil && strings.Contains(r.Header.Get("Accept"), "text/html") {
		http.Redirect(w, r, "/", http.StatusSeeOther)
		return
	}
	answer(w, res, err)
}

// number returns the number of the requested letter, or 0, which no letter has.
func number(r *http.Request) uint64 {
	n, _ := strconv.ParseUint(r.PathValue("number"), 10, 64)
	return n
}

func answer(w http.ResponseWriter, v any, err error) {
	status := http.StatusOK
	switch {
	case errors.Is(err, natsjobs.ErrNoLetter):
		status, v = http.StatusNotFound, result{Error: err.Error()}
	case err != nil:
		status, v = http.StatusServiceUnavailable, result{Error: err.Error()}
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	_ = e.Encode(v) // a client that has left gets no answer
}
