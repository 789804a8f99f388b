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
// this machine alone. A profile in progress ends with done, because a shutdown would
// wait for it.
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

// local refuses requests that come, or may come, from another machine: from a
// browser that was led here by another site's name, or from a proxy. A proxy that
// does not reveal itself cannot be recognized: do not let it pass on /debug/.
func local(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		if !loopback(r.RemoteAddr) || !loopback(r.Host) || forwarded(r.Header) {
			return echo.NewHTTPError(http.StatusForbidden, "for this machine alone: ask 127.0.0.1 or localhost, without a proxy")
		}
		return next(c)
	}
}

// loopback reports whether host, with or without a port, belongs to this machine
// alone.
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

// proxyHeaders lists headers that reveal a proxy, even if they are empty.
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
