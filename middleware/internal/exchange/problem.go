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

// Need notes that an option was given a nil function, if it was not given one: Problem says so.
func (c *Config) Need(option string, given bool) {
	if !given {
		c.nilFunction = option
	}
}

// Redact adds names to the query parameters that are redacted.
func (c *Config) Redact(names []string) { c.Query = c.Query.With(names) }

// List adds names to the query parameters that are all that is not redacted.
func (c *Config) List(names []string) { c.Query = c.Query.WithListed(names) }

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
	case c.nilFunction != "":
		return c.nilFunction + "(nil); leave the option out"
	case !httpconv.Token(c.RequestIDHeader):
		return fmt.Sprintf("WithRequestIDHeader(%q); it takes the name of a header", c.RequestIDHeader)
	case len(c.KnownMethods) == 0:
		return "WithKnownMethods without a method; name at least one, or leave the option out"
	case !serverName(c.ServerName):
		return fmt.Sprintf("WithServerName(%q); it takes a host or host:port of at most %d bytes, the port from 1 to 65535",
			c.ServerName, httpconv.MaxAddress)
	}
	if problem := c.methodProblem(); problem != "" {
		return problem
	}
	return c.headerProblem()
}

// serverName reports whether name is a host or host:port, or not there.
func serverName(name string) bool {
	if name == "" {
		return true
	}
	if len(name) > httpconv.MaxAddress || strings.ContainsAny(name, "/ \t\r\n@?#") {
		return false
	}
	host, port := httpconv.HostPort(name)
	named := strings.Count(name, ":") == 1 || strings.Contains(name, "]:")
	return host != "" && host[0] != '[' && named == (port != 0)
}

// methodProblem is about a list that was split from a variable, too: of an empty one
// strings.Split makes a list of one empty method, and then all are _OTHER.
func (c *Config) methodProblem() string {
	for _, name := range c.KnownMethods {
		if !httpconv.Token(name) {
			return fmt.Sprintf("WithKnownMethods names the method %q; it takes methods as requests have them, like GET: "+
				"trim what is split from a list, and leave the option out where the list is empty", name)
		}
	}
	return ""
}

func (c *Config) headerProblem() string {
	for _, option := range []struct {
		name    string
		headers []string
	}{{"WithRequestHeaders", c.RequestHeaders}, {"WithResponseHeaders", c.ResponseHeaders}} {
		for _, header := range option.headers {
			if !httpconv.Token(header) {
				return fmt.Sprintf("%s names the header %q; it takes names of headers", option.name, header)
			}
		}
	}
	return ""
}
