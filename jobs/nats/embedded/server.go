// SPDX-License-Identifier: Apache-2.0

// Package embedded runs a NATS server with JetStream inside the process, for
// applications that are one process until they are several: only the URL differs.
//
//	server, err := embedded.Start("data/nats")
//	…
//	defer server.Shutdown()
//	nc, err := server.Connect()
//	queue, err := natsjobs.Open(ctx, nc)
//
// # Durability
//
// Jobs are kept in files and survive the end of the process, kill -9 included.
// What survives a power failure is what was synced: by default every 2 minutes,
// WithSyncAlways before each answer, at about a tenth of the throughput.
//
// # Concurrency
//
// A Server is safe for concurrent use.
package embedded

import (
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"github.com/asynclocal/asynclocal/store"
)

// Server is a running NATS server.
type Server struct{ server *server.Server }

// Option configures Start.
type Option interface{ apply(*server.Options) }

type option func(*server.Options)

func (o option) apply(opts *server.Options) { o(opts) }

// WithListen makes the server reachable for other processes, on host and port;
// port -1 takes a free one. The default is none: the process alone has it. There
// is no access control unless WithOptions adds it.
func WithListen(host string, port int) Option {
	return option(func(o *server.Options) { o.DontListen, o.Host, o.Port = false, host, port })
}

// WithSyncAlways has each job on the disk before Publish returns. The default is
// WithSyncInterval of 2 minutes.
func WithSyncAlways() Option { return option(func(o *server.Options) { o.SyncAlways = true }) }

// WithSyncInterval sets how often files are synced. The default is 2 minutes.
func WithSyncInterval(d time.Duration) Option {
	return option(func(o *server.Options) { o.SyncAlways, o.SyncInterval = false, d })
}

// WithOptions changes the server's own options: limits, accounts, a cluster.
func WithOptions(tune func(*server.Options)) Option { return option(tune) }

const startTimeout = 10 * time.Second

// Start starts a server that keeps its files in dir, which is made if need be. Two
// servers must not share one. It neither logs nor handles signals.
func Start(dir string, opts ...Option) (*Server, error) {
	if dir == "" {
		return nil, errors.New("embedded: Start without a directory; give it one that lasts")
	}
	// The server would wait, and not say why.
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, fmt.Errorf("embedded: start: %w", err)
	}
	o := &server.Options{
		JetStream: true, StoreDir: dir,
		DontListen: true, NoLog: true, NoSigs: true,
	}
	for _, opt := range opts {
		if opt != nil {
			opt.apply(o)
		}
	}
	var s *server.Server
	var err error
	// Its goroutines outlive whoever starts them, a test or a request included.
	store.Exit(func() {
		if s, err = server.NewServer(o); err == nil {
			s.Start()
		}
	})
	if err != nil {
		return nil, fmt.Errorf("embedded: start: %w", err)
	}
	if !s.ReadyForConnections(startTimeout) || !s.JetStreamEnabled() {
		s.Shutdown()
		return nil, fmt.Errorf("embedded: start: not ready within %v; is %s in use or read-only?", startTimeout, dir)
	}
	return &Server{s}, nil
}

// Connect returns a connection through memory.
func (s *Server) Connect(opts ...nats.Option) (*nats.Conn, error) {
	opts = append([]nats.Option{nats.InProcessServer(s.server)}, opts...)
	var nc *nats.Conn
	var err error
	store.Exit(func() { nc, err = nats.Connect("", opts...) })
	if err != nil {
		return nil, fmt.Errorf("embedded: connect: %w", err)
	}
	return nc, nil
}

// URL is where other processes connect to, "" without WithListen.
func (s *Server) URL() string {
	if s.server.Addr() == nil {
		return ""
	}
	return s.server.ClientURL()
}

// Server returns the server itself.
func (s *Server) Server() *server.Server { return s.server }

// Shutdown stops the server and returns when its files are closed.
func (s *Server) Shutdown() {
	s.server.Shutdown()
	s.server.WaitForShutdown()
}
