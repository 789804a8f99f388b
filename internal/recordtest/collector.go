// SPDX-License-Identifier: Apache-2.0

// Package recordtest has a collector of OpenTelemetry's log records, for tests of code that emits
// them.
package recordtest

import (
	"context"
	"sync"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/log"
	"go.opentelemetry.io/otel/log/embedded"
	"go.opentelemetry.io/otel/trace"
)

// Record is a log record that was emitted, with its ctx.
type Record struct {
	log.Record
	Ctx   context.Context
	Scope string
}

// SpanContext returns the SpanContext that the SDK would have given the record.
func (r Record) SpanContext() trace.SpanContext { return trace.SpanContextFromContext(r.Ctx) }

// Attributes returns the attributes as text, by key. Under "twice" it has a key that occurs twice.
func (r Record) Attributes() map[string]string {
	all := map[string]string{}
	r.WalkAttributes(func(a attribute.KeyValue) bool {
		if _, twice := all[string(a.Key)]; twice {
			all["twice"] = string(a.Key)
		}
		all[string(a.Key)] = a.Value.String()
		return true
	})
	return all
}

// Collector is a LoggerProvider that keeps the records. It is safe for concurrent use.
type Collector struct {
	embedded.LoggerProvider

	// Least is the lowest severity for which records are enabled. All records are kept anyway.
	Least log.Severity

	mu  sync.Mutex
	all []Record
}

// Records returns what was emitted, in order.
func (c *Collector) Records() []Record {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]Record(nil), c.all...)
}

// Bodies returns the bodies of what was emitted.
func (c *Collector) Bodies() (all []string) {
	for _, r := range c.Records() {
		all = append(all, r.Body().String())
	}
	return all
}

// Logger returns a Logger that emits to c.
func (c *Collector) Logger(name string, _ ...log.LoggerOption) log.Logger {
	return logger{of: c, name: name}
}

type logger struct {
	embedded.Logger

	of   *Collector
	name string
}

func (l logger) Enabled(_ context.Context, p log.EnabledParameters) bool {
	return p.Severity >= l.of.Least
}

func (l logger) Emit(ctx context.Context, r log.Record) {
	l.of.mu.Lock()
	defer l.of.mu.Unlock()
	l.of.all = append(l.of.all, Record{r, ctx, l.name})
}
