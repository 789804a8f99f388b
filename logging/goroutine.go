// SPDX-License-Identifier: Apache-2.0

package logging

import (
	"go.uber.org/zap"

	"github.com/asynclocal/asynclocal/internal/goroutine"
)

// WithGoroutines adds the goroutine that logged it to each line that belongs to a request or a
// span: its number as thread.id, and the function that it began with as thread.name, which is
// "audit.(*Trail).Record.func1" for a function literal after go. In the scheme ECS the fields are
// process.thread.id and process.thread.name.
//
// Together with tracing.WithGoroutines, which does the same for spans, this shows which lines a
// bare go statement has led to: the inspector shows them as a tree.
//
// The runtime gives the number only in a traceback, so a line takes 4 to 16 µs longer, depending on
// the depth of the stack, and allocates nothing: use it in development. It is off by default.
//
// https://opentelemetry.io/docs/specs/semconv/registry/attributes/thread/
func WithGoroutines() Option { return optionFunc(func(c *config) { c.goroutines = true }) }

func (s Scheme) withGoroutines() Scheme {
	s.threadID, s.threadName = "thread.id", "thread.name"
	if s.ecs {
		s.threadID, s.threadName = "process.thread.id", "process.thread.name"
	}
	s.sizes |= 1 << (len(s.threadID) & 63)
	return s
}

// addGoroutine appends the calling goroutine, if the line belongs to o and does not give one by
// hand.
func (s *Scheme) addGoroutine(dst []zap.Field, o owner, by given) []zap.Field {
	if o.request == nil && o.span == nil || by&givenThread != 0 {
		return dst
	}
	return append(dst, zap.Int64(s.threadID, goroutine.ID()), zap.String(s.threadName, goroutine.Entry()))
}
