// SPDX-License-Identifier: Apache-2.0

// Package shop puts the parts together, for one process in its role.
package shop

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"go.uber.org/zap"

	"github.com/asynclocal/asynclocal/example/internal/broker"
	"github.com/asynclocal/asynclocal/example/internal/config"
	"github.com/asynclocal/asynclocal/example/internal/telemetry"
	"github.com/asynclocal/asynclocal/example/internal/wait"
	"github.com/asynclocal/asynclocal/inspect"
	natsjobs "github.com/asynclocal/asynclocal/jobs/nats"
)

// Run runs the process until ctx is done, then ends it in order: no new requests,
// the running ones answered, the running jobs done, telemetry sent. It returns nil
// if nothing was lost.
func Run(ctx context.Context, c config.Config, stdout, stderr io.Writer) (err error) {
	p := &process{config: c, stdout: stdout, stderr: stderr, failed: make(chan error, 4)}
	p.cut, p.cutOff = context.WithCancel(context.Background())
	defer p.cutOff()
	defer func() { err = errors.Join(err, p.stop()) }()
	if err := p.start(ctx); err != nil {
		return err
	}
	select {
	case <-ctx.Done():
		zap.L().Info("shutting down")
		return nil
	case err := <-p.failed:
		return err
	}
}

// process holds the running parts, and how to end them.
type process struct {
	config         config.Config
	stdout, stderr io.Writer
	failed         chan error      // what broke while running
	cut            context.Context // done when requests have outlasted the grace
	cutOff         context.CancelFunc

	telemetry *telemetry.Telemetry
	inspector *inspect.Inspector
	db        *sql.DB
	queue     *natsjobs.Queue
	stops     []stop // in the order of the starts; ended in reverse
}

// stop ends one part. It may take as long as ctx does.
type stop struct {
	part string
	f    func(ctx context.Context) error
}

func (p *process) onStop(part string, f func(context.Context) error) {
	p.stops = append(p.stops, stop{part, f})
}

// margin is the time that the parts that end last, above all telemetry, have
// beyond the grace of those that wait for others.
const margin = 10 * time.Second

func (p *process) stop() error {
	ctx, cancel := context.WithTimeout(context.Background(), p.config.ShutdownGrace+margin)
	defer cancel()
	var errs []error
	for _, s := range slices.Backward(p.stops) {
		if err := s.f(ctx); err != nil {
			errs = append(errs, fmt.Errorf("stop %s: %w", s.part, err))
		}
	}
	return errors.Join(errs...)
}

// start starts the parts that the role needs, each after what it depends on.
func (p *process) start(ctx context.Context) error {
	steps := []struct {
		needed bool
		f      func(context.Context) error
	}{
		{true, p.startData},
		{true, p.startTelemetry},
		{true, p.startDatabase},
		{p.config.Has(config.API) || p.config.Has(config.Worker), p.startBroker},
		{p.config.Has(config.Payments), p.startPayments},
		{p.config.Has(config.Worker), p.startWorker},
		{p.config.Has(config.API), p.startAPI},
		{p.onlyWorks(), p.startHealth},
		{p.config.Ops != "" && (p.config.Has(config.API) || p.config.Has(config.Worker)), p.startOps},
		{true, p.greet},
	}
	for _, s := range steps {
		if !s.needed {
			continue
		}
		if err := s.f(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (p *process) onlyWorks() bool { return p.config.Role == config.Worker }

// startData makes the directory for files.
func (p *process) startData(context.Context) error {
	if p.config.Data != "" {
		if err := writable(p.config.Data); err != nil {
			return fmt.Errorf("-data %s: %w; give a directory that this user may write, on a disk with space", p.config.Data, err)
		}
		return nil
	}
	dir, err := os.MkdirTemp("", "shop-")
	if err != nil {
		return fmt.Errorf("temporary directory: %w", err)
	}
	p.config.Data = dir
	p.onStop("data", func(context.Context) error { return os.RemoveAll(dir) })
	return nil
}

// writable makes dir if needed and tests that it can be written. The database's
// error for an unwritable directory names neither the directory nor the cause.
func writable(dir string) error {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, ".probe-*")
	if err != nil {
		return err
	}
	_, err = f.Write(make([]byte, 64<<10))
	return errors.Join(err, f.Close(), os.Remove(f.Name()))
}

// startTelemetry starts logs and traces. Without another endpoint they go to the
// inspector of this process, if it has one.
func (p *process) startTelemetry(ctx context.Context) error {
	endpoint, token := "", ""
	if p.config.Has(config.API) {
		p.startInspector()
		if p.config.OTLPEndpoint == "" {
			base, err := p.serveInspector()
			if err != nil {
				return err
			}
			endpoint, token = base, p.inspector.Token()
		}
	}
	t, err := telemetry.Start(ctx, telemetry.Config{
		Services:   p.services(),
		Endpoint:   endpoint,
		Token:      token,
		FromEnv:    p.config.OTLPEndpoint != "",
		Goroutines: endpoint != "", // there is an inspector to show them
		Stderr:     p.stderr,
	})
	if err != nil {
		return err
	}
	p.telemetry = t
	p.onStop("telemetry", t.Close)
	return nil
}

// services returns the services that run in this process, by their names in
// telemetry.
func (p *process) services() (names []string) {
	for _, role := range []string{config.API, config.Payments, config.Worker} {
		if p.config.Has(role) {
			names = append(names, service(role))
		}
	}
	return names
}

func service(role string) string { return "shop-" + role }

// startBroker connects to the broker and opens the queue.
func (p *process) startBroker(ctx context.Context) error {
	b, err := broker.Open(ctx, p.config)
	if err != nil {
		return err
	}
	p.onStop("broker", func(context.Context) error { b.Close(); return nil })
	ctx, cancel := context.WithTimeout(ctx, openTimeout)
	defer cancel()
	err = wait.For(ctx, p.config.StartWait, "the broker to take jobs", func(ctx context.Context) (err error) {
		p.queue, err = natsjobs.Open(ctx, b.Conn, natsjobs.WithReplicas(p.config.NATSReplicas))
		return err
	}, func(err error) bool { return !errors.Is(err, jetstream.ErrJetStreamNotEnabled) })
	if err != nil {
		return fmt.Errorf("NATS_URL %q, NATS_REPLICAS %d: %w; does the broker run with JetStream, -js, and has it so many servers?",
			config.Masked(p.config.NATSURL), p.config.NATSReplicas, err)
	}
	return nil
}

const openTimeout = 30 * time.Second

// background runs f until the process stops, and then waits for it.
func (p *process) background(part string, f func(context.Context)) {
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { f(ctx) })
	p.onStop(part, func(context.Context) error {
		cancel()
		running.Wait()
		return nil
	})
}
