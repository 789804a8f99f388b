// SPDX-License-Identifier: Apache-2.0

package blackbox

import (
	"fmt"
	"time"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// Option configures [New].
type Option interface{ apply(*config) }

type option func(*config)

func (f option) apply(c *config) { f(c) }

type config struct {
	slow         time.Duration // 0: never
	wanted       func(sdktrace.ReadOnlySpan) bool
	withoutLines bool
	perRequest   int
	total        int
	share        func(trace.TraceID)
	hold         time.Duration
	execution    *Execution
}

func newConfig(opts []Option) config {
	c := config{perRequest: 1000, total: 50_000, hold: 5 * time.Second}
	for _, o := range opts {
		if o == nil {
			panic("blackbox: New with a nil Option; leave it out")
		}
		o.apply(&c)
	}
	return c
}

// WithSlowThreshold has a request that took d or longer exported. By default no request is slow.
// A d that is not above 0 panics.
func WithSlowThreshold(d time.Duration) Option {
	if d <= 0 {
		panic(fmt.Sprintf("blackbox: WithSlowThreshold(%v); give it more than 0, or leave the option out", d))
	}
	return option(func(c *config) { c.slow = d })
}

// WithRule has the requests exported for whose own span, which has ended, wanted returns true. It is
// called at the end of each request that has no other reason to be, concurrently, and should be
// quick. The default is no rule. A nil wanted panics.
func WithRule(wanted func(sdktrace.ReadOnlySpan) bool) Option {
	if wanted == nil {
		panic("blackbox: WithRule(nil); leave the option out")
	}
	return option(func(c *config) { c.wanted = wanted })
}

// WithoutErrorLines drops requests that have logged an error, if that is all. By default a line of a
// correlated logger at the level of errors or above, in a span of the request, has it exported.
func WithoutErrorLines() Option { return option(func(c *config) { c.withoutLines = true }) }

// WithSpanLimit sets how many spans of one request are kept: the first n, and its own. The
// default is 1000. An n below 1 panics.
func WithSpanLimit(n int) Option {
	if n < 1 {
		panic(fmt.Sprintf("blackbox: WithSpanLimit(%d); give it 1 or more", n))
	}
	return option(func(c *config) { c.perRequest = n })
}

// WithLimit sets how many spans are kept in all. Past it the oldest request makes room. The default is
// 50 000, which with few attributes is some 50 MB at the worst. An n below 1000 panics.
func WithLimit(n int) Option {
	if n < 1000 {
		panic(fmt.Sprintf("blackbox: WithLimit(%d); give it 1000 or more", n))
	}
	return option(func(c *config) { c.total = n })
}

// WithShare has tell called once for each trace that is exported, unless another process has
// said so: for others that have spans of it to do the same, by [Box.Export]. It is called
// concurrently, where a span ends or a line is written, and must not wait. With it, spans are held for
// [WithHold] after their request has ended. The default is nothing. A nil tell panics.
func WithShare(tell func(trace.TraceID)) Option {
	if tell == nil {
		panic("blackbox: WithShare(nil); leave the option out")
	}
	return option(func(c *config) { c.share = tell })
}

// WithHold sets how long spans are kept after the end of their request where another process may
// yet say that they are exported: where [WithShare] is given, and for requests from a
// process where it is. The default is 5 seconds, 0 is not at all. A d below 0 panics.
func WithHold(d time.Duration) Option {
	if d < 0 {
		panic(fmt.Sprintf("blackbox: WithHold(%v); give it 0 or more", d))
	}
	return option(func(c *config) { c.hold = d })
}
