// SPDX-License-Identifier: Apache-2.0

package inspect

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/asynclocal/asynclocal/inspect/internal/spanstore"
)

const (
	// streamPause is the pause between two events. Changes within it become one event: a person
	// needs no more, and a busy service must not pay for being watched.
	streamPause     = 200 * time.Millisecond
	streamHeartbeat = 15 * time.Second
	streamWrite     = 30 * time.Second
	maxStreamRows   = 200
)

// update is one server-sent event: summaries that are new or have changed.
type update struct {
	Requests []summary       `json:"requests"`
	More     bool            `json:"more,omitempty"` // more has changed than one event carries
	Held     spanstore.Usage `json:"held"`
}

// seqNo is a moment in the store's history. It is a string in JSON, because readers do not
// calculate with it.
type seqNo uint64

func (n seqNo) MarshalText() ([]byte, error) { return strconv.AppendUint(nil, uint64(n), 10), nil }

// serveStream sends changes: from now on, from the moment of the answer whose seq is given as the
// parameter after or, after a reconnect, from the last event on. It takes the filter of
// /api/requests.
func (in *Inspector) serveStream(w http.ResponseWriter, r *http.Request) {
	f, err := parseFilter(r.URL.Query(), in.cfg.slow)
	if err != nil {
		writeError(w, http.StatusBadRequest, err.Error())
		return
	}
	f.limit = min(f.limit, maxStreamRows)
	seq := in.store.Latest()
	for _, after := range []string{r.URL.Query().Get("after"), r.Header.Get("Last-Event-ID")} {
		if n, err := strconv.ParseUint(after, 10, 64); err == nil {
			seq = n
		}
	}
	if seq > in.store.Latest() {
		seq = 0 // of an inspector that is gone
	}
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Accel-Buffering", "no")
	s := &stream{w: w, rc: http.NewResponseController(w)}
	if !s.send("retry: 1000\n\n") {
		return
	}
	in.follow(s, r, &f, seq)
}

func (in *Inspector) follow(s *stream, r *http.Request, f *filter, seq uint64) {
	beat := time.NewTicker(streamHeartbeat)
	defer beat.Stop()
	for {
		news, next, changed := in.store.Since(seq)
		found := in.collect(news, f)
		seq = found.upTo(next)
		if len(found.summaries) > 0 {
			sortSummaries(found.summaries)
			h, _ := in.store.Snapshot()
			if !s.event(seq, update{Requests: found.summaries, More: found.more, Held: h}) {
				return
			}
		}
		var late <-chan time.Time // until summaries are newer than those that were sent
		if found.older > 0 {
			late = time.After(found.due)
		}
		select {
		case <-changed:
		case <-late:
		case <-beat.C:
			if !s.send(": still here\n\n") {
				return
			}
		case <-r.Context().Done():
			return
		case <-in.done:
			return
		}
		if !in.rest(r) {
			return
		}
	}
}

// rest waits for the pause between two events to pass.
func (in *Inspector) rest(r *http.Request) bool {
	t := time.NewTimer(streamPause)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-r.Context().Done():
	case <-in.done:
	}
	return false
}

type stream struct {
	w  http.ResponseWriter
	rc *http.ResponseController
}

func (s *stream) event(id uint64, v any) bool {
	body, err := json.Marshal(v)
	return err == nil && s.send(fmt.Sprintf("id: %d\ndata: %s\n\n", id, body))
}

// send reports whether the page is still there. It sets its own write deadline: a server's
// WriteTimeout is for answers that end.
func (s *stream) send(text string) bool {
	_ = s.rc.SetWriteDeadline(time.Now().Add(streamWrite))
	if _, err := s.w.Write([]byte(text)); err != nil {
		return false
	}
	return s.rc.Flush() == nil
}
