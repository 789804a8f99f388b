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

// WithSlowThreshold exports the requests that took d or longer. By default no request is slow.
// WithSlowThreshold panics if d is not above 0.
func WithSlowThreshold(d time.Duration) Option {
	if d <= 0 {
		panic(fmt.Sprintf("blackbox: WithSlowThreshold(%v); give it more than 0, or leave the option out", d))
	}
	return option(func(c *config) { c.slow = d })
}

// WithRule exports the requests for which wanted returns true. The argument of wanted is the
// request's own span, which has ended. It is called concurrently, at the end of each request that has
// no other reason to be exported, and should be quick. The default is no rule. WithRule panics if
// wanted is nil.
func WithRule(wanted func(sdktrace.ReadOnlySpan) bool) Option {
	if wanted == nil {
		panic("blackbox: WithRule(nil); leave the option out")
	}
	return option(func(c *config) { c.wanted = wanted })
}

// WithoutErrorLines makes an error line no reason to export a request. By default a request is
// exported if a correlated logger writes a line at error level or above in one of its spans.
func WithoutErrorLines() Option { return option(func(c *config) { c.withoutLines = true }) }

// WithSpanLimit sets how many spans of one request are kept: the first n, and its own span. The
// default is 1000. WithSpanLimit panics if n is below 1.
func WithSpanLimit(n int) Option {
	if n < 1 {
		panic(fmt.Sprintf("blackbox: WithSpanLimit(%d); give it 1 or more", n))
	}
	return option(func(c *config) { c.perRequest = n })
}

// WithLimit sets how many spans are kept in all. Past the limit the oldest request makes room. The
// default is 50 000, which with few attributes is some 50 MB at worst. WithLimit panics if n is below
// 1000.
func WithLimit(n int) Option {
	if n < 1000 {
		panic(fmt.Sprintf("blackbox: WithLimit(%d); give it 1000 or more", n))
	}
	return option(func(c *config) { c.total = n })
}

// WithShare calls tell once for each trace that is exported, unless another process has reported the
// trace. Use it to tell other processes that have spans of the trace; they call [Box.Export]. It is
// called concurrently, where a span ends or a line is written, and must not wait. With this option,
// spans are held for [WithHold] after their request has ended. The default is nothing. WithShare
// panics if tell is nil.
func WithShare(tell func(trace.TraceID)) Option {
	if tell == nil {
		panic("blackbox: WithShare(nil); leave the option out")
	}
	return option(func(c *config) { c.share = tell })
}

// WithHold sets how long spans are kept after the end of their request if another process may still
// report that they are exported. That is so if [WithShare] is given, and for requests from a process
// with WithShare. The default is 5 seconds; 0 means not at all. WithHold panics if d is below 0.
func WithHold(d time.Duration) Option {
	if d < 0 {
		panic(fmt.Sprintf("blackbox: WithHold(%v); give it 0 or more", d))
	}
	return option(func(c *config) { c.hold = d })
}
