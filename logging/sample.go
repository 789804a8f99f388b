// SPDX-License-Identifier: Apache-2.0

package logging

import (
	"context"
	"strconv"

	"go.uber.org/zap/zapcore"
)

// sampler decides whether lines that belong to o are logged.
type sampler func(o owner) bool

// WithSampleRatio logs every line of a share, from 0 to 1, of all traces. The choice follows the
// trace id, so all services with the same share choose the same traces. For a request without a
// trace, the request's id decides; lines that belong to no request and no trace are all logged.
// Errors are always logged. The first line of a request decides for all of it. The default is to
// log everything.
//
// With a flight recorder, the lines left out are kept by it.
func WithSampleRatio(share float64) Option {
	return optionFunc(func(c *config) {
		if !isShare(share) {
			c.reject("WithSampleRatio: share is " + number(share) + ", and has to be from 0 to 1")
			return
		}
		limit := threshold(share)
		c.sample = func(o owner) bool {
			switch {
			case o.span != nil:
				return below(randomness(o.span.TraceID()), limit)
			case o.request != nil:
				return below(hashID(o.request.ID()), limit)
			}
			return true
		}
	})
}

// WithSampledTraces is like WithSampleRatio, but follows the traces' own sampling: it logs lines
// whose trace is sampled, and lines that belong to no trace.
func WithSampledTraces() Option {
	return optionFunc(func(c *config) {
		c.sample = func(o owner) bool { return o.span == nil || sampled(o.span) }
	})
}

func isShare(x float64) bool { return x >= 0 && x <= 1 }

func number(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }

// threshold scales share to the 56 random bits of a trace id, as in W3C Trace Context Level 2 and
// OTel's consistent probability sampling.
func threshold(share float64) uint64 { return uint64(share * (1 << 56)) }

func below(x, limit uint64) bool { return x < limit }

// randomness reads the rightmost 56 bits of a trace id.
func randomness(traceID string) (x uint64) {
	for i := len(traceID) - 14; i < len(traceID); i++ {
		x = x<<4 | uint64(nibble(traceID[i]))
	}
	return x
}

// leavesOut reports whether sampling leaves out a line at l that belongs to what ctx carries, or to
// the ambient context if ctx is nil.
func (c *config) leavesOut(ctx context.Context, l zapcore.Level, g *loggerState) bool {
	if c.sample == nil || l >= zapcore.ErrorLevel {
		return false
	}
	if g == nil {
		return !c.sample(ownerOf(ctx))
	}
	const in, out = 1, 2
	if g.sampled.Load() == 0 {
		choice := int32(out)
		if c.sample(ownerOf(ctx)) {
			choice = in
		}
		g.sampled.CompareAndSwap(0, choice)
	}
	return g.sampled.Load() == out
}
