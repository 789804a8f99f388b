// SPDX-License-Identifier: Apache-2.0

package billing

// Config is what the options of package bill set.
type Config struct {
	Statements int // this many of one shape, one after the other, are a repetition; 0: never
	Calls      int
}

// Option is bill.Option.
type Option interface{ apply(*Config) }

// OptionFunc is a function as an Option. Package bill makes its options with it.
type OptionFunc func(*Config)

func (f OptionFunc) apply(c *Config) { f(c) }

// The defaults of bill.WithRepetition.
const (
	defaultStatements = 5
	defaultCalls      = 5
)

// NewConfig returns the defaults with opts applied. It panics if an option is nil; the message names
// taker.
func NewConfig(taker string, opts []Option) *Config {
	c := &Config{Statements: defaultStatements, Calls: defaultCalls}
	for _, o := range opts {
		if o == nil {
			panic(taker + " with a nil Option; leave it out")
		}
		o.apply(c)
	}
	return c
}
