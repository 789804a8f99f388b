// SPDX-License-Identifier: Apache-2.0

package cpu

import (
	"fmt"
	"time"
)

// Option configures [Start].
type Option interface{ apply(*config) }

type option func(*config)

func (f option) apply(c *config) { f(c) }

type config struct{ slow, window time.Duration }

func newConfig(opts []Option) config {
	c := config{slow: time.Second, window: time.Second}
	for _, o := range opts {
		if o == nil {
			panic("cpu: Start with a nil Option; leave it out")
		}
		o.apply(&c)
	}
	return c
}

// WithSlowThreshold sets the shortest duration of a request that has its CPU time on its completion
// line. The default is a second, because little of a request that is shorter than a window is counted
// by its end. WithSlowThreshold panics if d is below 0.
func WithSlowThreshold(d time.Duration) Option {
	if d < 0 {
		panic(fmt.Sprintf("cpu: WithSlowThreshold(%v); give it 0 or more", d))
	}
	return option(func(c *config) { c.slow = d })
}

// WithWindow sets how long one profile takes. CPU time is known that much later. Making a profile
// costs a millisecond or more. The default is a second. WithWindow panics if d is below 100 ms,
// because the runtime takes that long to end a profile.
func WithWindow(d time.Duration) Option {
	if d < 100*time.Millisecond {
		panic(fmt.Sprintf("cpu: WithWindow(%v); give it 100ms or more", d))
	}
	return option(func(c *config) { c.window = d })
}
