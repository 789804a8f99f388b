// SPDX-License-Identifier: Apache-2.0

package servertest

import (
	"net/http"
	"regexp"
	"strings"
	"sync"
)

// Mux is net/http's own [Router].
type Mux struct {
	mux     http.ServeMux
	around  []func(http.Handler) http.Handler
	once    sync.Once
	handler http.Handler
}

// Use puts middleware around all routes.
func (m *Mux) Use(all ...func(http.Handler) http.Handler) { m.around = append(m.around, all...) }

// Route registers a route.
func (m *Mux) Route(method, path string, h http.Handler) {
	m.mux.Handle(strings.TrimSpace(method+" "+MuxRoute(path)), h)
}

func (m *Mux) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	m.once.Do(func() { m.handler = chain(&m.mux, m.around) })
	m.handler.ServeHTTP(w, r)
}

var parameter = regexp.MustCompile(`:(\w+)`)

// MuxRoute returns a path as http.ServeMux writes it.
func MuxRoute(path string) string {
	switch path {
	case "/static*":
		return "/static/"
	case "/*":
		return "/"
	}
	return parameter.ReplaceAllString(path, "{$1}")
}

// Pattern returns the path of the pattern that r was routed by.
func Pattern(r *http.Request) string { return r.Pattern[strings.Index(r.Pattern, " ")+1:] }
