// SPDX-License-Identifier: Apache-2.0

package natsjobs

import (
	"context"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"go.opentelemetry.io/otel"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"

	"github.com/asynclocal/asynclocal"
	"github.com/asynclocal/asynclocal/jobs"
	"github.com/asynclocal/asynclocal/tracing"
)

// Queue is a stream of jobs, with another one for dead letters. It is safe for
// concurrent use. It holds nothing that has to be closed: the connection is the
// caller's.
type Queue struct {
	config   config
	nc       *nats.Conn
	js       jetstream.JetStream
	live     jetstream.Stream
	dead     jetstream.Stream
	tries    jetstream.Stream
	injector *jobs.Injector
	tracer   trace.Tracer
}

// Open creates the streams, or brings them to the configuration given, and returns
// the Queue. Every process of an application may call it, with the same options.
func Open(ctx context.Context, nc *nats.Conn, opts ...Option) (*Queue, error) {
	c, err := newConfig(opts)
	if err != nil {
		return nil, err
	}
	if nc == nil {
		return nil, errors.New("natsjobs: Open with a nil connection; make one with nats.Connect")
	}
	js, err := jetstream.New(nc)
	if err != nil {
		return nil, fmt.Errorf("natsjobs: open %s: %w", c.stream, err)
	}
	q := &Queue{config: c, nc: nc, js: js, injector: jobs.NewInjector(c.inject...)}
	provider := c.provider
	if provider == nil {
		provider = otel.GetTracerProvider()
	}
	q.tracer = tracing.Follow(provider).Tracer(ScopeName,
		trace.WithInstrumentationVersion(asynclocal.Version), trace.WithSchemaURL(semconv.SchemaURL))
	for _, s := range []struct {
		config jetstream.StreamConfig
		stream *jetstream.Stream
	}{{c.live(), &q.live}, {c.dead(), &q.dead}, {c.tries(), &q.tries}} {
		if *s.stream, err = js.CreateOrUpdateStream(ctx, s.config); err != nil {
			return nil, q.explain(fmt.Errorf("natsjobs: open stream %s at %s: %w", s.config.Name, q.server(), err))
		}
	}
	return q, nil
}

// live is a work queue: the server forgets a job once it is acknowledged.
func (c *config) live() jetstream.StreamConfig {
	return c.tuned(jetstream.StreamConfig{
		Name:       c.stream,
		Subjects:   []string{c.prefix + ".>"},
		Retention:  jetstream.WorkQueuePolicy,
		Storage:    jetstream.FileStorage,
		Replicas:   c.replicas,
		Duplicates: c.dedupe,
	})
}

// dead keeps what it gets until it is looked at.
func (c *config) dead() jetstream.StreamConfig {
	return c.tuned(jetstream.StreamConfig{
		Name:       c.stream + "_DEAD",
		Subjects:   []string{deadPrefix + c.prefix + ".>"},
		Storage:    jetstream.FileStorage,
		Replicas:   c.replicas,
		Duplicates: c.dedupe,
	})
}

// tries keeps what is known of the jobs that did not go well at once, and of the
// workers on a server in their own process.
func (c *config) tries() jetstream.StreamConfig {
	like := c.live()
	return jetstream.StreamConfig{
		Name:              c.stream + "_TRIES",
		Subjects:          []string{c.triesPrefix() + ".>"},
		Storage:           like.Storage,
		Replicas:          like.Replicas,
		Placement:         like.Placement,
		MaxMsgsPerSubject: 1,
		MaxAge:            recordAge,
		AllowDirect:       true,
	}
}

func (c *config) tuned(s jetstream.StreamConfig) jetstream.StreamConfig {
	if c.tuneStream != nil {
		c.tuneStream(&s)
	}
	return s
}

// consumer is shared by all workers. The server delivers without a limit: a
// worker counts, because it can bury what was delivered too often, and say why.
func (c *config) consumer() jetstream.ConsumerConfig {
	cc := jetstream.ConsumerConfig{
		Durable:       "workers",
		FilterSubject: c.prefix + ".>",
		AckPolicy:     jetstream.AckExplicitPolicy,
		AckWait:       c.ackWait,
		MaxDeliver:    -1,
		MaxAckPending: -1,
	}
	if c.tuneWorker != nil {
		c.tuneWorker(&cc)
	}
	return cc
}
