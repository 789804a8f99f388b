// SPDX-License-Identifier: Apache-2.0

package logging

import (
	"sync/atomic"
	"time"

	"go.uber.org/zap/zapcore"
)

// recorders is set once there is a flight recorder: before that, Complete has nothing to do.
var recorders atomic.Bool

// recorder is a flight recorder's configuration, and the rings that it reuses.
type recorder struct {
	level     zapcore.Level
	lines     int
	slow      time.Duration // 0: never
	entries   ringPool[entry]
	records   ringPool[record]
	emissions ringPool[emission]
}

const maxRecorderLines = 100_000

// WithFlightRecorder keeps the lines of a request, from level on, that are below the logger's level
// or left out by sampling. It writes them only if the request fails, is slow (WithSlowThreshold) or
// logs an error with any correlated logger: in order, with the time, the caller and the span they
// had. From then on such lines are written as they come. If a request ends well, they are dropped.
// Complete marks the end. A line that was kept has the field log_recorded, which is true, because
// it stands late in the stream.
//
// The last lines of a request, from 1 to 100 000, are kept; if there were more, the first line
// written says how many were lost in the field log_lines_dropped. Values are copied when a line is
// logged, and their methods are called only if and when it is written. A value that cannot be
// copied (it holds a lock, or refers to more through unexported fields) is asked for its text when
// the line is logged, for at most a second. Texts are cut to 64 KiB; a value of more than 1 MiB, 10
// 000 parts or 100 levels is replaced by an error that says so. By default there is no recorder.
//
// Kept lines are written by the cores that write the lowest level that the logger lets through: in
// a tee, not by cores for errors only. A sampler among them counts them as lines of that level.
func WithFlightRecorder(level zapcore.Level, lines int) Option {
	return optionFunc(func(c *config) {
		if lines < 1 || lines > maxRecorderLines {
			c.reject("WithFlightRecorder: lines is " + number(float64(lines)) + ", and has to be from 1 to 100000")
		}
		c.needRecorder().level, c.recorder.lines = level, lines
	})
}

// WithSlowThreshold makes a request that took d or longer count as failed for the flight recorder.
// By default no request counts as slow.
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
