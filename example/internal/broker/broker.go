// SPDX-License-Identifier: Apache-2.0

// Package broker connects to NATS: at a URL, or embedded in this process. Nothing
// else knows which.
package broker

import (
	"fmt"
	"net"
	"path/filepath"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/asynclocal/asynclocal/example/internal/config"
	"github.com/asynclocal/asynclocal/jobs/nats/embedded"
	"github.com/asynclocal/asynclocal/store"
)

// Broker is a connection, and the server if it is ours.
type Broker struct {
	Conn   *nats.Conn
	server *embedded.Server
}

// Open connects.
func Open(c config.Config) (*Broker, error) {
	if c.NATSURL != "" {
		var nc *nats.Conn
		var err error
		store.Exit(func() {
			nc, err = nats.Connect(c.NATSURL, nats.Name("shop "+c.Role),
				nats.MaxReconnects(-1), nats.ReconnectWait(reconnectWait), nats.RetryOnFailedConnect(true))
		})
		if err != nil {
			return nil, fmt.Errorf("broker: %w", err)
		}
		return &Broker{Conn: nc}, nil
	}
	opts, err := options(c)
	if err != nil {
		return nil, err
	}
	server, err := embedded.Start(filepath.Join(c.Data, "nats"), opts...)
	if err != nil {
		return nil, fmt.Errorf("broker: %w", err)
	}
	nc, err := server.Connect()
	if err != nil {
		server.Shutdown()
		return nil, fmt.Errorf("broker: %w", err)
	}
	return &Broker{nc, server}, nil
}

const reconnectWait = 500 * time.Millisecond

func options(c config.Config) ([]embedded.Option, error) {
	var opts []embedded.Option
	if c.Sync == "always" {
		opts = append(opts, embedded.WithSyncAlways())
	}
	if c.NATSListen != "" {
		host, port, err := net.SplitHostPort(c.NATSListen)
		if err != nil {
			return nil, fmt.Errorf("-nats-listen: %w", err)
		}
		n, err := strconv.Atoi(port)
		if err != nil {
			return nil, fmt.Errorf("-nats-listen: %w", err)
		}
		opts = append(opts, embedded.WithListen(host, n))
	}
	return opts, nil
}

// Close flushes, disconnects, and stops the server if it is ours.
func (b *Broker) Close() {
	_ = b.Conn.FlushTimeout(flushTimeout) // a broker that is gone cannot be told
	b.Conn.Close()
	if b.server != nil {
		b.server.Shutdown()
	}
}

const flushTimeout = 2 * time.Second
