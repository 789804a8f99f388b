// SPDX-License-Identifier: Apache-2.0

package inspect

import (
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/asynclocal/asynclocal/inspect/internal/otlp"
	"github.com/asynclocal/asynclocal/inspect/internal/spanstore"
	"github.com/asynclocal/asynclocal/inspect/internal/telemetry"
)

// Inspector receives telemetry and shows it, one request at a time. It is an [http.Handler] and safe
// for concurrent use. Make one with [New].
type Inspector struct {
	cfg      config
	guard    guard
	store    *spanstore.Store
	page     *page
	decoding chan struct{} // as many as may be decoded at once
	heavy    sync.Mutex    // held to make the summaries of a large request
	calmAt   atomic.Int64  // when those may be made again, in Unix nanoseconds
	viewing  *viewing      // of large requests
	intake   *intake
	done     chan struct{}
	closing  sync.Once
}

// New returns an inspector that holds nothing yet. It starts no goroutine. It panics on an invalid
// option, with the bound in the message.
func New(opts ...Option) *Inspector {
	c := newConfig(opts)
	r := spanstore.New(c.maxBytes, c.maxAge)
	return &Inspector{
		cfg:      c,
		guard:    newGuard(&c),
		store:    r,
		page:     newPage(&c),
		decoding: make(chan struct{}, min(max(1, runtime.GOMAXPROCS(0)/2), maxDecoding)),
		viewing:  newViewing(),
		intake:   newIntake(&c, r),
		done:     make(chan struct{}),
	}
}

// Token returns the token that clients must present: that of [WithToken], or the one that this
// inspector has made for itself. It is "" with [WithoutToken]. Exporters and scripts send it as
// "Authorization: Bearer <token>".
func (in *Inspector) Token() string { return in.guard.token }

// Link returns the address of the page, with the token; a browser that follows it is let in. It is
// origin, such as "http://127.0.0.1:8080", with the path and, in the fragment, the token. A
// fragment is not sent, so it is in no server's log. Print it for the person who starts the
// program, as Jupyter does, and nowhere else. With [WithoutToken] it is the plain address.
func (in *Inspector) Link(origin string) string {
	link := strings.TrimRight(origin, "/") + in.cfg.path + "/"
	if in.guard.token != "" {
		link += "#token=" + url.QueryEscape(in.guard.token)
	}
	return link
}

// public reports whether a path is served to every client: the files of the login form, which are
// the same in every program.
func (in *Inspector) public(escaped string) bool {
	return in.guard.token != "" && strings.HasPrefix(escaped, "/assets/")
}

// Close drops all data and ends the live connections of open pages, so that a server's graceful
// shutdown does not wait for them. Later requests are answered with 503. It always returns nil, and
// may be called more than once.
func (in *Inspector) Close() error {
	in.closing.Do(func() {
		close(in.done)
		in.store.Close()
		in.intake.large.drop()
	})
	return nil
}

// ServeHTTP serves everything under the path set with [WithPath]: the page, its JSON API and the OTLP
// endpoint (v1/traces, v1/logs; v1/metrics is accepted and dropped).
func (in *Inspector) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	escaped, ok := strings.CutPrefix(r.URL.EscapedPath(), in.cfg.path)
	if !ok || escaped != "" && escaped[0] != '/' {
		http.NotFound(w, r)
		return
	}
	secure(w.Header())
	otlp := strings.HasPrefix(escaped, "/v1/")
	if in.isClosed() {
		in.refuse(w, r, otlp, http.StatusServiceUnavailable, "the inspector is closed")
		return
	}
	if foreign(r) {
		in.refuse(w, r, otlp, http.StatusForbidden, "pages of other sites are not answered")
		return
	}
	if escaped == "/login" && in.guard.token != "" {
		in.login(w, r)
		return
	}
	if no := in.guard.allow(r); no != nil && !in.public(escaped) {
		in.refuse(w, r, otlp, no.status, no.why)
		return
	}
	in.route(w, r, escaped)
}

func (in *Inspector) isClosed() bool {
	select {
	case <-in.done:
		return true
	default:
		return false
	}
}

func (in *Inspector) route(w http.ResponseWriter, r *http.Request, escaped string) {
	switch escaped {
	case "/v1/traces":
		in.receive(w, r, func(body []byte, json bool, add func(*telemetry.Batch)) (*otlp.Export, error) {
			return otlp.DecodeTraces(body, json, in.cfg.path, add)
		})
		return
	case "/v1/logs":
		in.receive(w, r, otlp.DecodeLogs)
		return
	case "/v1/metrics":
		in.receive(w, r, nil)
		return
	}
	if strings.HasPrefix(escaped, "/v1/") {
		http.NotFound(w, r)
		return
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "only GET", http.StatusMethodNotAllowed)
		return
	}
	switch {
	case escaped == "" || escaped == "/":
		in.page.serve(w, http.StatusOK, "list", nil)
	case escaped == "/api/requests":
		in.serveList(w, r)
	case escaped == "/api/stream":
		in.serveStream(w, r)
	case escaped == "/api/stats":
		in.serveStats(w)
	default:
		in.routeID(w, r, escaped)
	}
}

// routeID serves the paths that end in an id. Request ids may contain slashes, so an id is
// everything that follows.
func (in *Inspector) routeID(w http.ResponseWriter, r *http.Request, escaped string) {
	if name, ok := strings.CutPrefix(escaped, "/pages/"); ok && in.cfg.pages[name] != nil {
		in.cfg.pages[name].ServeHTTP(w, r)
		return
	}
	for prefix, serve := range map[string]func(http.ResponseWriter, *http.Request, string){
		"/requests/":     in.serveRequestPage,
		"/api/requests/": in.serveRequest,
		"/api/spans/":    in.serveSpan,
		"/assets/":       in.page.serveAsset,
	} {
		if id, ok := strings.CutPrefix(escaped, prefix); ok {
			if id, err := url.PathUnescape(id); err == nil && id != "" {
				serve(w, r, id)
				return
			}
		}
	}
	http.NotFound(w, r)
}

// secure sets the headers that keep data from becoming code: scripts and styles come only from the
// inspector's own files, nothing is loaded from elsewhere, and no other site may frame the page.
func secure(h http.Header) {
	h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "+
		"connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
}
