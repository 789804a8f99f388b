// SPDX-License-Identifier: Apache-2.0

package thirdpartytest_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/XSAM/otelsql"
	"go.opentelemetry.io/contrib/instrumentation/google.golang.org/grpc/otelgrpc"
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health/grpc_health_v1"
	_ "modernc.org/sqlite"

	"github.com/asynclocal/asynclocal/store"
	"github.com/asynclocal/asynclocal/tracing"
)

// shop is code that knows no ctx: its database, its clients and its servers are
// instrumented by others.
type shop struct {
	grpc_health_v1.UnimplementedHealthServer

	db       *sql.DB
	payments *http.Client
	pay      string // the payments service
	stock    grpc_health_v1.HealthClient
}

func (s *shop) save(what string) error {
	_, err := s.db.Exec("INSERT INTO orders (what) VALUES (?)", what)
	return err
}

func (s *shop) order(w http.ResponseWriter, _ *http.Request) {
	audited := make(chan error)
	go func() { audited <- s.save("audit") }()
	_, stocked := s.stock.Check(context.Background(), &grpc_health_v1.HealthCheckRequest{Service: "stock"})
	if err := errors.Join(s.save("order"), s.charge(), stocked, <-audited); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
	}
}

func (s *shop) charge() error {
	res, err := s.payments.Post(s.pay, "text/plain", nil)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, res.Body)
	return errors.Join(err, res.Body.Close())
}

// Check is the stock service. It has a ctx, and drops it.
func (s *shop) Check(context.Context, *grpc_health_v1.HealthCheckRequest) (*grpc_health_v1.HealthCheckResponse, error) {
	return &grpc_health_v1.HealthCheckResponse{}, s.save("stock")
}

// open makes a shop, with all its parts given r, and returns its address.
func open(t *testing.T, r recording, payments http.RoundTripper) string {
	t.Helper()
	s := &shop{db: openDB(t, r), payments: &http.Client{Transport: payments}}
	s.stock = grpc_health_v1.NewHealthClient(dialStock(t, r, s))
	s.pay = serve(t, r, "pay", func(http.ResponseWriter, *http.Request) {
		if err := s.save("payment"); err != nil {
			t.Error(err)
		}
	})
	return serve(t, r, "order", s.order)
}

func openDB(t *testing.T, r recording) *sql.DB {
	t.Helper()
	db, err := otelsql.Open("sqlite", "file:"+filepath.Join(t.TempDir(), "shop.db")+"?_pragma=busy_timeout(10000)",
		otelsql.WithTracerProvider(r), otelsql.WithSpanOptions(otelsql.SpanOptions{OmitConnResetSession: true, OmitConnectorConnect: true}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	store.Exit(func() { _, err = db.Exec("CREATE TABLE orders (what TEXT)") })
	if err != nil {
		t.Fatal(err)
	}
	r.spans.Reset()
	return db
}

func serve(t *testing.T, r recording, name string, h http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(otelhttp.NewHandler(h, name, otelhttp.WithTracerProvider(r), otelhttp.WithPropagators(tracing.Propagator())))
	t.Cleanup(server.Close)
	return server.URL
}

func dialStock(t *testing.T, r recording, s *shop) *grpc.ClientConn {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	opts := []otelgrpc.Option{otelgrpc.WithTracerProvider(r), otelgrpc.WithPropagators(tracing.Propagator())}
	server := grpc.NewServer(grpc.StatsHandler(otelgrpc.NewServerHandler(opts...)))
	grpc_health_v1.RegisterHealthServer(server, s)
	served := make(chan error)
	go func() { served <- server.Serve(listener) }()
	conn, err := grpc.NewClient(listener.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithStatsHandler(otelgrpc.NewClientHandler(opts...)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = conn.Close()
		server.Stop()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	return conn
}

const orderTree = `server GET (otelhttp)
  %s
    server POST (otelhttp)
      client sql.conn.exec (otelsql)
  client grpc.health.v1.Health/Check (otelgrpc)
    server grpc.health.v1.Health/Check (otelgrpc)
      client sql.conn.exec (otelsql)
  client sql.conn.exec (otelsql)
  client sql.conn.exec (otelsql)
`

// Given only the wrapped provider, and code that drops ctx on the way, the database,
// HTTP and gRPC instrumentation of others produce one tree.
func TestOthersInstrumentationProducesOneTree(t *testing.T) {
	if !store.Ambient() {
		t.Skip(store.AmbientError())
	}
	r := record(true)
	tests := []struct {
		name     string
		payments http.RoundTripper
		client   string
	}{
		{"with our client span", tracing.Transport(nil, tracing.WithTracerProvider(r)), "client POST (tracing)"},
		{"with otelhttp's", otelhttp.NewTransport(http.DefaultTransport, otelhttp.WithTracerProvider(r), otelhttp.WithPropagators(tracing.Propagator())), "client HTTP POST (otelhttp)"},
		{"with otelhttp's around our transport", otelhttp.NewTransport(tracing.Transport(nil, tracing.WithoutClientSpan()),
			otelhttp.WithTracerProvider(r), otelhttp.WithPropagators(tracing.Propagator())), "client HTTP POST (otelhttp)"},
		{"with our transport around otelhttp's", tracing.Transport(otelhttp.NewTransport(nil,
			otelhttp.WithTracerProvider(r), otelhttp.WithPropagators(tracing.Propagator())), tracing.WithoutClientSpan()), "client HTTP POST (otelhttp)"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			url := open(t, r, tt.payments)
			defer http.DefaultClient.CloseIdleConnections()
			for i := range 3 { // the second and third on connections that the first has opened
				r.spans.Reset()
				if res, err := http.Get(url); err != nil || res.StatusCode != http.StatusOK || res.Body.Close() != nil {
					t.Fatal(res, err)
				}
				if got, want := r.tree(t, 9), fmt.Sprintf(orderTree, tt.client); got != want {
					t.Errorf("order %d: got\n%s\nwant\n%s", i, got, want)
				}
			}
		})
	}
}

// Without the wrapping the same program is in pieces: the test above can fail.
func TestWithoutTheWrappingTheTreeIsInPieces(t *testing.T) {
	r := record(false)
	url := open(t, r, otelhttp.NewTransport(nil, otelhttp.WithTracerProvider(r), otelhttp.WithPropagators(tracing.Propagator())))
	defer http.DefaultClient.CloseIdleConnections()
	res, err := http.Get(url)
	if err != nil || res.Body.Close() != nil {
		t.Fatal(err)
	}
	if roots := strings.Count("\n"+r.tree(t, 9), "\n") - strings.Count(r.tree(t, 9), "\n  "); roots < 7 {
		t.Errorf("%d roots, want one of each part:\n%s", roots, r.tree(t, 9))
	}
}
