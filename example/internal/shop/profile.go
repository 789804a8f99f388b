// SPDX-License-Identifier: Apache-2.0

package shop

import (
	"context"
	"net"
	"net/http"
	"net/http/pprof"
	"strings"

	"github.com/labstack/echo/v4"
)

// mountProfiles serves net/http/pprof, whose samples carry the route as a label, to
// this machine alone. A profile that is being taken ends with done, for a shutdown
// would wait.
func mountProfiles(done context.Context, e *echo.Echo) {
	profiles := e.Group("/debug/pprof", local)
	mount := func(path string, h http.HandlerFunc) {
		profiles.GET(path, func(c echo.Context) error {
			ctx, cancel := context.WithCancel(c.Request().Context())
			defer cancel()
			defer context.AfterFunc(done, cancel)()
			h(c.Response(), c.Request().WithContext(ctx))
			return nil
		})
	}
	mount("/profile", pprof.Profile)
	mount("/trace", pprof.Trace)
	mount("/*", pprof.Index)
}

// local refuses who is on another machine, or may be: a browser that was led here by
// another site's name, or a proxy. A proxy that says nothing of itself is not known
// for one: keep /debug/ out of what it passes on.
func local(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		if !loopback(r.RemoteAddr) || !loopback(r.Host) || forwarded(r.Header) {
			return echo.NewHTTPError(http.StatusForbidden, "for this machine alone: ask 127.0.0.1 or localhost, without a proxy")
		}
		return next(c)
	}
}

// loopback reports whether host, with or without a port, is this machine's alone.
func loopback(host string) bool {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return ip != nil && ip.IsLoopback()
}

// proxyHeaders are those by which a proxy can be known, also empty.
var proxyHeaders = []string{
	"Forwarded", "Via", "X-Real-Ip", "X-Client-Ip", "X-Cluster-Client-Ip", "X-Original-Forwarded-For", "X-Envoy-External-Address",
	"Cf-Connecting-Ip", "Cf-Ray", "True-Client-Ip", "Fastly-Client-Ip", "Fly-Client-Ip", "X-Amzn-Trace-Id", "X-Appengine-User-Ip",
}

func forwarded(h http.Header) bool {
	for _, name := range proxyHeaders {
		if _, there := h[name]; there {
			return true
		}
	}
	for name := range h {
		if strings.HasPrefix(name, "X-Forwarded-") {
			return true
		}
	}
	return false
}
