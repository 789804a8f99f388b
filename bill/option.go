// SPDX-License-Identifier: Apache-2.0

package bill

import (
	"fmt"

	"github.com/asynclocal/asynclocal/internal/billing"
)

// Option configures tracing.WithBill.
type Option = billing.Option

// WithRepetition sets how many statements of one shape, and how many calls to one target, are a
// repetition, if each begins after the one before has ended. The default is 5 for both. 0 means
// never. WithRepetition panics if a number is 1 or below 0.
func WithRepetition(statements, calls int) Option {
	for _, n := range []int{statements, calls} {
		if n < 0 || n == 1 {
			panic(fmt.Sprintf("bill: WithRepetition(%d, %d); give it 2 or more, or 0 for never", statements, calls))
		}
	}
	return billing.OptionFunc(func(c *billing.Config) { c.Statements, c.Calls = statements, calls })
}
