// SPDX-License-Identifier: Apache-2.0

package metrics

import (
	"fmt"
	"slices"

	"go.opentelemetry.io/otel/attribute"

	"github.com/asynclocal/asynclocal/store"
)

// Option configures [Wrap].
type Option interface{ apply(*config) }

type option func(*config)

func (f option) apply(c *config) { f(c) }

type config struct {
	request func(*store.Request) []attribute.KeyValue // nil: no attributes
	baggage []string
	limit   int
}

// defaultLimit is the default of WithLimit.
const defaultLimit = 100

func newConfig(from config, opts []Option) config {
	for _, o := range opts {
		if o == nil {
			panic("metrics: Wrap with a nil Option; leave it out")
		}
		o.apply(&from)
	}
	return from
}

// WithRequestAttributes adds attributes of the Request to every measurement that is made in it,
// unless the measurement has them itself. f is called for each measurement, concurrently; take
// values from a small, fixed set, such as a plan or a region. The default is no attributes. A nil f
// panics.
func WithRequestAttributes(f func(*store.Request) []attribute.KeyValue) Option {
	if f == nil {
		panic("metrics: WithRequestAttributes(nil); leave the option out")
	}
	return option(func(c *config) { c.request = f })
}

// WithBaggage adds the baggage members with these keys to every measurement, as attributes of the
// same name, unless the measurement has them itself. A value is cut at 128 bytes. Baggage comes
// from outside: [WithLimit] bounds its effect. The default is no keys.
func WithBaggage(keys ...string) Option {
	return option(func(c *config) { c.baggage = append(slices.Clip(c.baggage), keys...) })
}

// WithLimit bounds how many distinct sets of attributes the two options above add, over all
// instruments of the provider and for its whole life. A measurement past the limit has the
// attribute otel.metric.overflow instead, as with the SDK's own limit. The default is 100. An n
// below 1 panics.
func WithLimit(n int) Option {
	if n < 1 {
		panic(fmt.Sprintf("metrics: WithLimit(%d); give it 1 or more, or leave out the options that add attributes", n))
	}
	return option(func(c *config) { c.limit = n })
}
