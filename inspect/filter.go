// SPDX-License-Identifier: Apache-2.0

package inspect

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/asynclocal/asynclocal/inspect/internal/spanstore"
	"github.com/asynclocal/asynclocal/inspect/internal/telemetry"
)

const (
	defaultLimit = 200
	maxLimit     = 1000
	maxWords     = 8
	maxQuery     = 1024
)

// filter narrows the list. Its zero value matches everything.
type filter struct {
	words   []string // lower case; all of them must be found
	status  string   // "404", "4xx", "error", "pending"
	method  string
	route   string
	service string
	slow    time.Duration
	limit   int
}

func parseFilter(q url.Values, slow time.Duration) (filter, error) {
	f := filter{
		status:  strings.ToLower(q.Get("status")),
		method:  strings.ToUpper(q.Get("method")),
		route:   lowerASCII(q.Get("route")),
		service: q.Get("service"),
		limit:   defaultLimit,
	}
	f.words = strings.Fields(lowerASCII(telemetry.Clip(q.Get("q"), maxQuery)))
	f.words = f.words[:min(len(f.words), maxWords)]
	if err := f.parseStatus(); err != nil {
		return f, err
	}
	switch v := q.Get("slow"); v {
	case "":
	case "1", "true", "on":
		f.slow = slow
	default:
		d, err := time.ParseDuration(v)
		if err != nil || d < 0 {
			return f, fmt.Errorf("slow=%q: a duration such as 250ms, or 1", v)
		}
		f.slow = d
	}
	if v := q.Get("limit"); v != "" {
		n, err := strconv.Atoi(v)
		if err != nil || n < 1 || n > maxLimit {
			return f, fmt.Errorf("limit=%q: a number from 1 to %d", v, maxLimit)
		}
		f.limit = n
	}
	return f, nil
}

func (f *filter) parseStatus() error {
	switch f.status {
	case "", "error", "pending":
		return nil
	}
	if len(f.status) == 3 && f.status[0] >= '1' && f.status[0] <= '5' {
		if f.status[1:] == "xx" {
			return nil
		}
		if _, err := strconv.Atoi(f.status); err == nil {
			return nil
		}
	}
	return fmt.Errorf("status=%q: a status such as 404, a class such as 5xx, error or pending", f.status)
}

func (f *filter) match(r *summary, text *requestText) bool {
	return f.matchStatus(r) &&
		(f.method == "" || r.Method == f.method) &&
		(f.route == "" || containsFold(r.Route, f.route) || containsFold(r.Path, f.route) || containsFold(r.Name, f.route)) &&
		(f.service == "" || containsAny(r.Services, f.service)) &&
		(f.slow == 0 || r.DurationMS >= float64(f.slow)/1e6) &&
		f.matchWords(r, text)
}

func (f *filter) matchStatus(r *summary) bool {
	switch f.status {
	case "":
		return true
	case "error":
		return r.Failed || r.Errors > 0
	case "pending":
		return r.Pending
	}
	code := strconv.Itoa(r.Status)
	if f.status[1:] == "xx" {
		return code[0] == f.status[0]
	}
	return code == f.status
}

func (f *filter) matchWords(r *summary, text *requestText) bool {
	if len(f.words) == 0 {
		return true
	}
	s := newSearch(f.words)
	s.summary(r)
	return s.done() || text.hasAll(s.words)
}

// requestText is the text of a request beyond its summaries. It is searched when the first of them
// needs it, once for all of them.
type requestText struct {
	request  *spanstore.Request
	words    []string
	missing  [][]byte
	searched bool
}

func (t *requestText) hasAll(words [][]byte) bool {
	if !t.searched {
		s := newSearch(t.words)
		s.request(t.request)
		t.missing, t.searched = s.words, true
	}
	for _, w := range words {
		for _, m := range t.missing {
			if string(w) == string(m) {
				return false
			}
		}
	}
	return true
}

func containsAny(list []string, s string) bool {
	for _, e := range list {
		if strings.EqualFold(e, s) {
			return true
		}
	}
	return false
}
