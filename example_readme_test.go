// SPDX-License-Identifier: Apache-2.0

//go:build !asynclocal_noambient

package asynclocal_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"sync"

	"github.com/labstack/echo/v4"
	"go.opentelemetry.io/otel"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/asynclocal/asynclocal/logging"
	"github.com/asynclocal/asynclocal/middleware"
	"github.com/asynclocal/asynclocal/tracing"
)

// What the README shows, from here ...

func newServer(core zapcore.Core, provider *sdktrace.TracerProvider) *echo.Echo {
	otel.SetTracerProvider(tracing.Wrap(provider))
	zap.ReplaceGlobals(zap.New(core, logging.Correlate()))

	e := echo.New()
	e.Use(middleware.New(middleware.WithLogger(zap.L())))
	e.GET("/orders/:id", func(c echo.Context) error {
		go audit(c.Param("id"))
		return c.String(http.StatusOK, loadOrder(c.Param("id")))
	})
	return e
}

func loadOrder(id string) string { // no ctx, no logger
	_, span := otel.Tracer("shop").Start(context.Background(), "load order") // a child of the server's span
	defer span.End()
	zap.L().Info("loading", zap.String("order", id)) // knows its request, and its span
	return "a book"
}

func audit(id string) {
	defer audits.Done()
	zap.L().Info("read", zap.String("order", id)) // so does this goroutine
}

// ... to here.

var audits sync.WaitGroup

func Example() {
	var out safeBuffer
	server := httptest.NewServer(newServer(out.core(), sdktrace.NewTracerProvider(sdktrace.WithIDGenerator(&counter{}))))
	defer server.Close()

	audits.Add(1)
	req, err := http.NewRequest(http.MethodGet, server.URL+"/orders/7", http.NoBody)
	if err != nil {
		fmt.Println(err)
		return
	}
	req.Header.Set("X-Request-Id", "demo-1")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		fmt.Println(err)
		return
	}
	_ = resp.Body.Close()
	audits.Wait()
	server.Close()
	out.print(os.Stdout)
	// Unordered output:
	// {"level":"info","msg":"loading","request_id":"demo-1","trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","span_id":"00f067aa0ba902b8","trace_flags":"01","order":"7"}
	// {"level":"info","msg":"read","request_id":"demo-1","trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","span_id":"00f067aa0ba902b7","trace_flags":"01","order":"7"}
	// {"level":"info","msg":"request completed","request_id":"demo-1","trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","span_id":"00f067aa0ba902b7","trace_flags":"01","method":"GET","route":"/orders/:id","path":"/orders/7","status":200,"duration_ms":0.31,"bytes_in":0,"bytes_out":6,"client":"127.0.0.1"}
}
