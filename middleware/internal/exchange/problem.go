// SPDX-License-Identifier: Apache-2.0

package exchange

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/asynclocal/asynclocal/middleware/internal/httpconv"
)

// AnyOf returns a function that tells whether one of where says so: always, if
// there is none, or one is nil.
func AnyOf(where []func(*http.Request) bool) func(*http.Request) bool {
	if len(where) == 1 && where[0] != nil {
		return where[0]
	}
	return func(r *http.Request) bool {
		return len(where) == 0 || slices.ContainsFunc(where, func(f func(*http.Request) bool) bool {
			return f == nil || f(r)
		})
	}
}

// Redact adds names to the query parameters that are redacted.
func (c *Config) Redact(names []string) {
	c.RedactedQuery = append(slices.Clip(c.RedactedQuery), names...)
}

// Problem returns what is wrong with c, with the cure, "" if nothing is.
func (c *Config) Problem() string {
	switch {
	case c.TracerProvider == nil:
		return "WithTracerProvider(nil); leave the option out for the global provider, or give noop.NewTracerProvider()"
	case c.MeterProvider == nil:
		return "WithMeterProvider(nil); leave the option out for the global provider, or give noop.NewMeterProvider()"
	case c.Propagators == nil:
		return "WithPropagators(nil); leave the option out for W3C, or give propagation.NewCompositeTextMapPropagator() for none"
	case c.NilLogger:
		return "WithLogger(nil); leave the option out for no completion line"
	case !httpconv.Token(c.RequestIDHeader):
		return fmt.Sprintf("WithRequestIDHeader(%q); it takes the name of a header", c.RequestIDHeader)
	case len(c.KnownMethods) == 0:
		return "WithKnownMethods without a method; name at least one, or leave the option out"
	case len(c.ServerName) > httpconv.MaxAddress || strings.ContainsAny(c.ServerName, "/ \t\r\n@?#"):
		return fmt.Sprintf("WithServerName(%q); it takes a host or host:port of at most %d bytes", c.ServerName, httpconv.MaxAddress)
	}
	return c.headerProblem()
}

func (c *Config) headerProblem() string {
	for _, name := range slices.Concat(c.RequestHeaders, c.ResponseHeaders) {
		if !httpconv.Token(name) {
			return fmt.Sprintf("a captured header is %q; it takes names of headers", name)
		}
	}
	return ""
}
