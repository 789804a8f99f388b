// SPDX-License-Identifier: Apache-2.0

// Package otelecho replaces the retired OpenTelemetry instrumentation for Echo v4. Change the
// import path and keep the code:
//
//	import "github.com/asynclocal/asynclocal/middleware/otelecho"
//
//	e := echo.New()
//	e.Use(otelecho.Middleware("shop.example.com",
//		otelecho.WithTracerProvider(tp),
//		otelecho.WithSkipper(func(c echo.Context) bool {
//			return c.Path() == "/healthz"
//		})))
//	e.GET("/orders/:id", show)
//
// Its names and types are those of the retired package. It records what package
// [github.com/asynclocal/asynclocal/middleware] records, without the completion line;
// docs/otelecho-changes.md lists the intended differences. That package has more options; this one
// is a quick way to begin.
//
// # Concurrency
//
// The middleware is safe for concurrent use; functions given as options are called
// concurrently.
//
// # Without the ambient half
//
// If store.Ambient is false, everything is only in c.Request().Context(), as in the retired
// package.
package otelecho
