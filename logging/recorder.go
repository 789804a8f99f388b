// SPDX-License-Identifier: Apache-2.0

package logging

import (
	"sync/atomic"
	"time"

	"go.uber.org/zap/zapcore"
)

// recorders is set once there is a flight recorder: before that Complete has
// nothing to do.
var recorders atomic.Bool

// recorder is a flight recorder's configuration, and the rings it uses again.
type recorder struct {
	level     zapcore.Level
	lines     int
	slow      time.Duration // 0: never
	entries   ringPool[entry]
	records   ringPool[record]
	emissions ringPool[emission]
}

const maxRecorderLines = 100_000

// WithFlightRecorder keeps the lines of a request that are below the logger's
// level, or left out by sampling, from level on, and writes them only if the
// request fails, is slow (WithSlowThreshold) or logs an error, by whichever correlated
// logger: in order, with the time, the caller and the span they had. From then on
// such lines are written as they come. Of a request that ends well nothing is
// written. The end is what Complete says. A line that was kept has the field
// log_recorded, which is true: by its place in a stream it comes late.
//
// The last lines of a request, from 1 to 100 000, are kept; where there were more,
// the first that is written says so in the field log_lines_dropped. Values are
// copied when a line is logged, not when it is written, and their methods are called
// when it is written, if it is. One that cannot be copied (it holds a lock, or refers to
// more by what is not exported) is asked at once for what it prints, for a second at
// most. Of a text 64 KiB are kept; a value of more than 1 MiB, 10 000 parts or 100 levels
// is replaced by an error that says so. By default there is no recorder.
//
// Kept lines are written by the cores that write the least level that the logger
// lets through: of a tee not by those for errors only. A sampler among them counts
// them as lines of that level.
func WithFlightRecorder(level zapcore.Level, lines int) Option {
	return optionFunc(func(c *config) {
		if lines < 1 || lines > maxRecorderLines {
			c.reject("WithFlightRecorder: lines is " + number(float64(lines)) + ", and has to be from 1 to 100000")
		}
		c.needRecorder().level, c.recorder.lines = level, lines
	})
}

// WithSlowThreshold makes a request that took d or longer count as failed for the flight
// recorder. By default no request counts as slow.
func WithSlowThreshold(d time.Duration) Option {
	return optionFunc(func(c *config) {
		if d <= 0 {
			c.reject("WithSlowThreshold: the duration is " + d.String() + ", and has to be above 0; leave the option out for none")
		}
		c.needRecorder().slow = d
	})
}

func (c *config) needRecorder() *recorder {
	if c.recorder == nil {
		c.recorder = &recorder{
			entries: ringPool[entry]{reset: (*entry).reset}, records: ringPool[record]{reset: (*record).reset},
			emissions: ringPool[emission]{reset: (*emission).reset},
		}
	}
	return c.recorder
}
