// SPDX-License-Identifier: Apache-2.0

// Package broker connects to NATS: at a URL, or embedded in this process. No other
// package knows which.
package broker

import (
	"context"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
	"go.uber.org/zap"

	"github.com/asynclocal/asynclocal/example/internal/config"
	"github.com/asynclocal/asynclocal/example/internal/wait"
	"github.com/asynclocal/asynclocal/jobs/nats/embedded"
	"github.com/asynclocal/asynclocal/store"
)

// Broker is a connection, and the server if it is ours.
type Broker struct {
	Conn   *nats.Conn
	server *embedded.Server
}

// Open connects. It waits for the broker, or for another process to release its
// files, and logs that it waits.
func Open(ctx context.Context, c config.Config) (*Broker, error) {
	if c.NATSURL != "" {
		return connect(ctx, c)
	}
	opts, err := options(c)
	if err != nil {
		return nil, err
	}
	server, err := embedded.Start(filepath.Join(c.Data, "nats"), opts...)
	if errors.Is(err, embedded.ErrInUse) {
		return nil, fmt.Errorf("-data %s: another process uses it: %w; or wait longer than -start-wait %v", c.Data, err, c.StartWait)
	}
	if err != nil {
		return nil, fmt.Errorf("the broker in -data %s, -nats-listen %q: %w", c.Data, c.NATSListen, err)
	}
	nc, err := server.Connect(nats.Name("shop " + c.Role))
	if err != nil {
		server.Shutdown()
		return nil, fmt.Errorf("broker: %w", err)
	}
	return &Broker{nc, server}, nil
}

// connect connects to the broker at NATS_URL.
func connect(ctx context.Context, c config.Config) (*Broker, error) {
	var nc *nats.Conn
	err := wait.For(ctx, c.StartWait, "the broker at NATS_URL "+config.Masked(c.NATSURL), func(context.Context) (err error) {
		store.Exit(func() {
			nc, err = nats.Connect(c.NATSURL, nats.Name("shop "+c.Role), nats.Timeout(connectTimeout),
				nats.MaxReconnects(-1), nats.ReconnectWait(reconnectWait))
		})
		return err
	}, func(err error) bool { return !errors.Is(err, nats.ErrAuthorization) })
	if err != nil {
		return nil, fmt.Errorf("NATS_URL %s: no connection to the broker: %w; is nats-server running there, with these credentials? leave NATS_URL out for a broker in this process",
			config.Masked(c.NATSURL), err)
	}
	return &Broker{Conn: nc}, nil
}

const (
	connectTimeout = 2 * time.Second
	reconnectWait  = 500 * time.Millisecond
)

func options(c config.Config) ([]embedded.Option, error) {
	opts := []embedded.Option{
		embedded.WithLogger(zap.L().WithOptions(zap.IncreaseLevel(zap.WarnLevel))),
		embedded.WithLockWait(c.StartWait),
	}
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
