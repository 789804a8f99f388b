// SPDX-License-Identifier: Apache-2.0

package inspect

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/asynclocal/asynclocal/inspect/internal/spanstore"
)

const (
	defaultPath     = "/inspect"
	defaultMaxBytes = 64 << 20
	defaultMaxAge   = 30 * time.Minute
	defaultMaxBody  = 16 << 20
	defaultSlow     = 500 * time.Millisecond

	minMaxBytes = 1 << 20
	minTokenLen = 16
)

// Option changes how an [Inspector] behaves. Options are applied in order, so a later one wins.
type Option interface{ apply(*config) }

type optionFunc func(*config)

func (f optionFunc) apply(c *config) { f(c) }

type config struct {
	path     string
	token    string
	open     bool // without a token
	maxBytes int
	maxAge   time.Duration
	maxBody  int64
	slow     time.Duration
	pages    map[string]http.Handler
	wrong    string // of an option that said so when it was applied
}

// WithPath sets the path the handler is mounted under: the page's links are built from it. The
// default is "/inspect"; "" is for a handler mounted at the root. Requests have to come with it: no
// [net/http.StripPrefix] before the handler.
func WithPath(path string) Option {
	return optionFunc(func(c *config) { c.path = path })
}

// WithToken sets the token that is needed to look and to export: as "Authorization: Bearer <token>" for
// exporters and scripts, or once through the page's form for a browser, which then holds a cookie. It
// has at least 16 characters. The default, which "" is too, is one that the inspector makes for itself, of
// 128 random bits: see [Inspector.Token] and [Inspector.Link]. A browser has to log in again when the
// process was restarted.
//
// Wrong ones are throttled: ten for a client at once and then one in two seconds, a hundred for all
// together. Until then the right one is not looked at either, from the same address; so exporters behind a
// proxy that strangers use, too, want the inspector's own token, which need not be throttled for them.
//
// The inspector shows log lines and attributes of every request it holds. Serve it over TLS when the
// network is not yours.
func WithToken(token string) Option {
	return optionFunc(func(c *config) { c.token, c.open = token, false })
}

// WithoutToken lets in, without a token, what looks like a process of this machine that speaks for
// itself: the peer is a loopback address, the Host is localhost or a loopback address, the protocol is
// not HTTP/1.0, and no header of a proxy is there. The default is a token.
//
// It is for a listener of the inspector's own on a loopback address, such as 127.0.0.1:4318, where
// exporters send by default:
//
//	insp := inspect.New(inspect.WithoutToken(), inspect.WithPath(""))
//	go http.ListenAndServe("127.0.0.1:4318", insp)
//
// Do not use it for a handler that is mounted beside an application's own: a reverse proxy on this
// machine that rewrites Host and says nothing of itself looks like a local process, and whom it serves
// would see everything.
func WithoutToken() Option {
	return optionFunc(func(c *config) { c.token, c.open = "", true })
}

// WithMaxBytes bounds the memory telemetry may take: 64 MiB by default, at least 1 MiB. What is held and
// the exports that are on their way share half of it, and the rest is for looking at requests.
// With what the garbage collector has yet to collect, which by its default is as much again, a process
// that is an inspector and nothing else stays under twice the bound. What is over is evicted as whole
// requests, the one that was silent longest first. One request alone gets three sixteenths at
// most; what it sends beyond that is counted and dropped.
func WithMaxBytes(n int) Option {
	return optionFunc(func(c *config) { c.maxBytes = n })
}

// WithMaxAge bounds how long a request is kept after its last span or log line arrived: 30 minutes by
// default.
func WithMaxAge(d time.Duration) Option {
	return optionFunc(func(c *config) { c.maxAge = d })
}

// WithMaxBody bounds one export, after decompression: 16 MiB by default, and a quarter of [WithMaxBytes]
// at most. A larger one is answered with 413.
func WithMaxBody(n int64) Option {
	return optionFunc(func(c *config) { c.maxBody = n })
}

// WithSlowThreshold sets from which duration on the page calls a request slow: 500 ms by default.
func WithSlowThreshold(d time.Duration) Option {
	return optionFunc(func(c *config) { c.slow = d })
}

// WithPage serves h, for who may look, at the inspector's path with /pages/ and name: a page of
// yours beside those of the inspector, such as doctor.Handler(). It is asked with GET and HEAD alone, and
// with the inspector's headers set, by which no script and no style of its own runs. A name is
// of letters, digits and "-", and is given once; a nil h panics. By default there are no such pages.
func WithPage(name string, h http.Handler) Option {
	if h == nil {
		panic("inspect: WithPage with a nil handler; leave the option out for no page")
	}
	if !pageName(name) {
		panic(fmt.Sprintf("inspect: WithPage(%q): a name has 1 to 64 letters, digits and \"-\"", name))
	}
	return optionFunc(func(c *config) {
		if c.pages[name] != nil {
			c.wrong = fmt.Sprintf("WithPage(%q) was given twice; choose another name", name)
			return
		}
		if c.pages == nil {
			c.pages = map[string]http.Handler{}
		}
		c.pages[name] = h
	})
}

func pageName(name string) bool {
	for _, r := range name {
		if (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' {
			return false
		}
	}
	return name != "" && len(name) <= 64
}

func newConfig(opts []Option) config {
	c := config{
		path:     defaultPath,
		maxBytes: defaultMaxBytes,
		maxAge:   defaultMaxAge,
		maxBody:  defaultMaxBody,
		slow:     defaultSlow,
	}
	for _, o := range opts {
		if o == nil {
			panic("inspect: New with a nil Option; leave it out")
		}
		o.apply(&c)
	}
	c.path = strings.TrimRight(c.path, "/")
	c.validate()
	if c.wrong != "" {
		panic("inspect: " + c.wrong)
	}
	c.maxBody = min(c.maxBody, int64(spanstore.LargestBody(c.maxBytes)))
	return c
}

func (c *config) validate() {
	switch {
	case strings.Contains(c.path, "//"): // a browser takes what begins so for another host
		panic(fmt.Sprintf("inspect: WithPath(%q): a path has no empty parts", c.path))
	case c.path != "" && !strings.HasPrefix(c.path, "/"):
		panic(fmt.Sprintf("inspect: WithPath(%q): a path starts with a slash, as in %q", c.path, "/"+c.path))
	case strings.ContainsAny(c.path, "?#%\\\"'<> "):
		panic(fmt.Sprintf("inspect: WithPath(%q): use letters, digits, '-', '_', '.' and '/' only", c.path))
	case c.token != "" && len(c.token) < minTokenLen:
		panic(fmt.Sprintf("inspect: WithToken: the token has %d characters, it needs at least %d", len(c.token), minTokenLen))
	case c.maxBytes < minMaxBytes:
		panic(fmt.Sprintf("inspect: WithMaxBytes(%d): it needs at least %d", c.maxBytes, minMaxBytes))
	case c.maxAge <= 0:
		panic(fmt.Sprintf("inspect: WithMaxAge(%v): it must be above zero", c.maxAge))
	case c.maxBody <= 0:
		panic(fmt.Sprintf("inspect: WithMaxBody(%d): it must be above zero", c.maxBody))
	case c.slow <= 0:
		panic(fmt.Sprintf("inspect: WithSlowThreshold(%v): it must be above zero", c.slow))
	}
}
