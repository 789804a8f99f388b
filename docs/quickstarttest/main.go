// SPDX-License-Identifier: Apache-2.0

// Command quickstarttest is the program of docs/quickstart.md, whole: a test follows that page.
package main

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"os"
	"os/signal"
	"strings"

	"github.com/asynclocal/asynclocal/inspect"
	"github.com/asynclocal/asynclocal/middleware"
	"github.com/asynclocal/asynclocal/telemetry"
	"github.com/labstack/echo/v4"
	"go.opentelemetry.io/otel"
	"go.uber.org/zap"
)

func main() {
	insp := inspect.New()
	tel, err := telemetry.Start(context.Background(), telemetry.WithServiceName("shop"), telemetry.WithInspector(insp))
	if err != nil {
		log.Fatal(err)
	}
	defer tel.Shutdown(context.Background())

	e := echo.New()
	e.Use(middleware.New(
		middleware.WithLogger(zap.L()),
		middleware.WithSkipper(func(c echo.Context) bool { return strings.HasPrefix(c.Path(), "/inspect") })))
	e.Any("/inspect*", echo.WrapHandler(insp))
	e.GET("/orders/:id", func(c echo.Context) error {
		go audit(c.Param("id"))
		return c.String(http.StatusOK, loadOrder(c.Param("id")))
	})

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	context.AfterFunc(ctx, func() { _, _ = insp.Close(), e.Close() })
	fmt.Println("See the requests at", insp.Link("http://127.0.0.1:8080"))
	log.Println(e.Start("127.0.0.1:8080"))
}

func loadOrder(id string) string { // no ctx, no logger
	_, span := otel.Tracer("shop").Start(context.Background(), "load order") // a child of the server's span
	defer span.End()
	zap.L().Info("loading", zap.String("order", id)) // knows its request, and its span
	return "a book\n"
}

func audit(id string) {
	zap.L().Info("read", zap.String("order", id)) // so does this goroutine
}
