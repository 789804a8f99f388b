// SPDX-License-Identifier: Apache-2.0

// Command example is a small shop: an HTTP API, a payments service that it calls,
// a SQL database, and background jobs.
//
//	go run ./example
//
// starts all of it in one process, with a broker and a database inside. The same
// binary scales by its -role flag and by NATS_URL, DATABASE_URL, PAYMENTS_URL and
// OTEL_EXPORTER_OTLP_ENDPOINT. All lines about one order, from any goroutine, service
// or job, have one request id and one trace id. The code that does this is the
// middleware in internal/shop/serve.go.
//
// Jobs that were given up are listed and replayed at the address that the program
// prints when it starts, in a browser or with
//
//	go run ./example -ops 127.0.0.1:PORT -dead list
//	go run ./example -ops 127.0.0.1:PORT -dead replay=all
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/asynclocal/asynclocal/doctor"
	"github.com/asynclocal/asynclocal/example/internal/config"
	"github.com/asynclocal/asynclocal/example/internal/ops"
	"github.com/asynclocal/asynclocal/example/internal/shop"
)

func main() { os.Exit(run()) }

func run() int {
	c, err := config.Parse(os.Args[1:], os.Getenv, os.Stderr)
	switch {
	case errors.Is(err, config.ErrHelp):
		return 0
	case err != nil:
		fmt.Fprintln(os.Stderr, err)
		return 2
	case c.Check != "":
		return check(c.Check)
	case c.Dead != "":
		return dead(c.Ops, c.Dead)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if c.Doctor {
		defer examine(os.Stdout)()
	}
	if err := shop.Run(ctx, c, os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// examine starts the doctor, which finds code that loses a request's context. It
// returns a function that prints the findings.
func examine(w io.Writer) (report func()) {
	stop := doctor.Start(doctor.WithDefaultTransport())
	return func() {
		stop()
		found := doctor.Findings()
		fmt.Fprintf(w, "\nThe doctor has %d findings.\n", len(found))
		for _, f := range found {
			fmt.Fprintf(w, "\n%s: %s, %d times\n  at %s\n", f.Kind, f.Message, f.Count, f.Where)
			if f.CreatedBy != "" {
				fmt.Fprintf(w, "  on a goroutine of %s\n", f.CreatedBy)
			}
			fmt.Fprintf(w, "  cure: %s\n", f.Cure)
		}
	}
}

// dead lists or replays the jobs that were given up, as what says.
func dead(addr, what string) int {
	if err := ops.Command(addr, what, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

const checkTimeout = 3 * time.Second

// check is the health check of containers, which have no curl.
func check(url string) int {
	client := http.Client{Timeout: checkTimeout}
	res, err := client.Get(url)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		fmt.Fprintln(os.Stderr, res.Status)
		return 1
	}
	return 0
}
