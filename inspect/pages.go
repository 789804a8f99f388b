// SPDX-License-Identifier: Apache-2.0

package inspect

import (
	"encoding/json"
	"errors"
	"net/http"
	"sync"
	"time"
)

const (
	pageBytes = 256 << 10        // of JSON that is made before it is sent
	pageTime  = 10 * time.Second // until one page must have been read
	viewTime  = time.Minute      // until all must have been read
)

// pages makes a large answer page by page, so that it needs the memory of only one page. Between
// two pages the answer may end, so that a slow reader does not keep the data it is made from.
type pages struct {
	w       http.ResponseWriter
	rc      *http.ResponseController
	buf     []byte
	wait    func() bool // between pages; reports whether to continue
	until   time.Time
	sent    bool
	stopped bool

	mu    sync.Mutex
	began time.Time // when sending a page began; zero between pages
}

func newPages(w http.ResponseWriter, wait func() bool) *pages {
	return &pages{w: w, rc: http.NewResponseController(w), wait: wait, until: time.Now().Add(viewTime)}
}

func (p *pages) text(s string) { p.buf = append(p.buf, s...) }

func (p *pages) value(v any) {
	b, err := json.Marshal(v)
	if err != nil {
		b = []byte("null")
	}
	p.buf = append(p.buf, b...)
}

// each writes n values, separated by commas.
func each(p *pages, n int, value func(i int) any) {
	for i := range n {
		if p.stopped {
			return
		}
		if i > 0 {
			p.text(",")
		}
		p.value(value(i))
		if len(p.buf) >= pageBytes {
			p.flush()
		}
	}
}

func (p *pages) flush() {
	if p.stopped {
		return
	}
	if !p.sent {
		p.w.Header().Set("Content-Type", typeJSON)
		p.w.Header().Set("Cache-Control", "no-store")
		p.sent = true
	}
	deadline := time.Now().Add(pageTime)
	if p.until.Before(deadline) {
		deadline = p.until
	}
	p.sending(deadline)
	_, err := p.w.Write(p.buf)
	p.buf = p.buf[:0]
	if err == nil {
		err = p.rc.Flush()
	}
	p.mu.Lock()
	p.began = time.Time{}
	p.mu.Unlock()
	p.stopped = err != nil && !errors.Is(err, http.ErrNotSupported) || !p.wait()
}

func (p *pages) sending(deadline time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	_ = p.rc.SetWriteDeadline(deadline)
	p.began = time.Now()
}

// press ends a page that is not being read.
func (p *pages) press() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.began.IsZero() && time.Since(p.began) > grace {
		_ = p.rc.SetWriteDeadline(time.Now())
	}
}

// end sends what is left. An answer that had to end early is cut off, so that its reader does not
// take it for complete.
func (p *pages) end() {
	switch {
	case p.stopped:
		panic(http.ErrAbortHandler)
	case !p.sent:
		p.w.Header().Set("Cache-Control", "no-store")
		_ = p.rc.SetWriteDeadline(time.Now().Add(pageTime))
		respond(p.w, typeJSON, http.StatusOK, p.buf)
	default:
		p.flush()
	}
	_ = p.rc.SetWriteDeadline(time.Time{})
}
