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

// Option configures an [Inspector]. Options are applied in order, so a later one wins.
type Option interface{ apply(*config) }

type optionFunc func(*config)

func (f optionFunc) apply(c *config) { f(c) }

type config struct {
	path     string
	token    string
	open     bool // no token is needed
	maxBytes int
	maxAge   time.Duration
	maxBody  int64
	slow     time.Duration
	pages    map[string]http.Handler
	wrong    string // the error of an option, found when it was applied
}

// WithPath sets the path that the handler is mounted under: the page's links are built from it. The
// default is "/inspect"; use "" for a handler mounted at the root. Requests must arrive with the
// path: do not put [net/http.StripPrefix] in front of the handler.
func WithPath(path string) Option {
	return optionFunc(func(c *config) { c.path = path })
}

// WithToken sets the token that is needed to look and to export. Exporters and scripts send it as
// "Authorization: Bearer <token>"; in a browser, a person enters it once in the page's form, and
// the browser then holds a cookie. It must have at least 16 characters. By default, and for "", the
// inspector makes its own token of 128 random bits: see [Inspector.Token] and [Inspector.Link]. A
// browser must log in again after the process is restarted.
//
// Wrong tokens are throttled: each client may send ten at once and then one in two seconds, all
// clients together a hundred at once. Beyond that, even the correct token is refused from the same
// address. So for exporters behind a proxy that untrusted clients use too, keep the inspector's own
// token, which needs no throttle.
//
// The inspector shows log lines and attributes of every request it holds. Serve it over TLS on
// networks that you do not control.
func WithToken(token string) Option {
	return optionFunc(func(c *config) { c.token, c.open = token, false })
}

// WithoutToken lets in, without a token, requests that appear to come directly from a process on
// this machine: the peer is a loopback address, the Host is localhost or a loopback address, the
// protocol is not HTTP/1.0, and there is no header of a proxy. By default a token is needed.
//
// Use it for a separate listener of the inspector on a loopback address, such as 127.0.0.1:4318,
// where exporters send by default:
//
//	insp := inspect.New(inspect.WithoutToken(), inspect.WithPath(""))
//	go http.ListenAndServe("127.0.0.1:4318", insp)
//
// Do not use it for a handler that is mounted beside an application's own: a reverse proxy on this
// machine that rewrites Host and does not identify itself looks like a local process, and its
// clients would see everything.
func WithoutToken() Option {
	return optionFunc(func(c *config) { c.token, c.open = "", true })
}

// WithMaxBytes bounds the memory for telemetry: 64 MiB by default, at least 1 MiB. Held data and
// exports being received share half of it; the rest is for looking at requests. Garbage that is not
// yet collected takes as much again by the garbage collector's default, so a process that is only
// an inspector stays under twice the bound. Beyond the bound, whole requests are evicted, the
// longest silent first. One request gets at most three sixteenths; what it sends beyond that is
// counted and dropped.
func WithMaxBytes(n int) Option {
	return optionFunc(func(c *config) { c.maxBytes = n })
}

// WithMaxAge bounds how long a request is kept after its last span or log line arrived: 30 minutes
// by default.
func WithMaxAge(d time.Duration) Option {
	return optionFunc(func(c *config) { c.maxAge = d })
}

// WithMaxBody bounds one export, after decompression: 16 MiB by default, and at most a quarter of
// [WithMaxBytes]. A larger one is answered with 413.
func WithMaxBody(n int64) Option {
	return optionFunc(func(c *config) { c.maxBody = n })
}

// WithSlowThreshold sets the duration from which on the page calls a request slow: 500 ms by
// default.
func WithSlowThreshold(d time.Duration) Option {
	return optionFunc(func(c *config) { c.slow = d })
}

// WithPage serves h, to clients that may look, under the inspector's path at /pages/ and name: your
// own page beside those of the inspector, such as doctor.Handler(). h gets only GET and HEAD
// requests, with the inspector's headers set, so that it cannot run its own scripts or styles. A
// name consists of letters, digits and "-", and may be used once; a nil h panics. By default there
// are no such pages.
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
	case strings.Contains(c.path, "//"): // a browser takes such a path for another host
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
