// SPDX-License-Identifier: Apache-2.0

package natsjobs

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"time"

	"go.uber.org/zap"

	"github.com/asynclocal/asynclocal/logging"
)

// WorkOption configures Work.
type WorkOption interface{ applyWork(*workConfig) }

type workOption func(*workConfig)

func (o workOption) applyWork(c *workConfig) { o(c) }

type workConfig struct {
	concurrency int
	grace       time.Duration
	timeout     time.Duration
	backoff     func(failures int) time.Duration
	logger      *zap.Logger
	onError     func(error)
	recovers    bool
	doubleAck   bool
}

const (
	defaultGrace = 30 * time.Second

	firstBackoff = time.Second
	maxBackoff   = 5 * time.Minute
)

func newWorkConfig(opts []WorkOption) (workConfig, error) {
	c := workConfig{
		concurrency: runtime.GOMAXPROCS(0), grace: defaultGrace,
		backoff: exponential, onError: func(error) {},
	}
	for _, o := range opts {
		if o == nil {
			panic("natsjobs: Work with a nil WorkOption; leave it out")
		}
		o.applyWork(&c)
	}
	if c.logger == nil {
		c.logger = zap.NewNop()
	}
	c.logger = c.logger.WithOptions(logging.Correlate())
	err := c.validate()
	return c, err
}

func (c *workConfig) validate() error {
	var errs []error
	if c.concurrency < 1 || c.concurrency > maxConcurrency {
		errs = append(errs, fmt.Errorf("natsjobs: WithConcurrency(%d): want 1 to %d", c.concurrency, maxConcurrency))
	}
	if c.grace < 0 {
		errs = append(errs, fmt.Errorf("natsjobs: WithGrace(%v): want 0 or more", c.grace))
	}
	if c.timeout < 0 {
		errs = append(errs, fmt.Errorf("natsjobs: WithTimeout(%v): want 0 or more; 0 means no limit", c.timeout))
	}
	return errors.Join(errs...)
}

const maxConcurrency = 10_000

// WithConcurrency sets how many jobs run concurrently. No more jobs are fetched than can start. The
// default is GOMAXPROCS, the maximum 10000.
func WithConcurrency(n int) WorkOption { return workOption(func(c *workConfig) { c.concurrency = n }) }

// WithGrace sets how long a shutdown waits for running jobs before it cancels their ctx. The
// default is 30 seconds.
func WithGrace(d time.Duration) WorkOption { return workOption(func(c *workConfig) { c.grace = d }) }

// WithTimeout sets after what time the ctx of a job is canceled. The default, 0, is no limit: a job
// that hangs keeps its slot forever.
func WithTimeout(d time.Duration) WorkOption {
	return workOption(func(c *workConfig) { c.timeout = d })
}

// WithBackoff sets how long after its nth failure a job is retried. The default is 1 second,
// doubled each time, up to 5 minutes, each shortened at random by up to a quarter. A nil f panics.
func WithBackoff(f func(failures int) time.Duration) WorkOption {
	need("WithBackoff", f != nil)
	return workOption(func(c *workConfig) { c.backoff = f })
}

// WithLogger sets the logger that writes a line when a job is over, and one when it is retried or
// buried; they have the ids of the request even if the logger is not correlated. The default is no
// line. A nil l panics.
func WithLogger(l *zap.Logger) WorkOption {
	need("WithLogger", l != nil)
	return workOption(func(c *workConfig) { c.logger = l })
}

// WithErrorHandler sets the function that is told of errors that belong to no job: errors of the
// broker, and failed acknowledgments, after which a job may run again. It may be called
// concurrently. By default they are dropped. A nil f panics.
func WithErrorHandler(f func(error)) WorkOption {
	need("WithErrorHandler", f != nil)
	return workOption(func(c *workConfig) { c.onError = f })
}

// WithRecover turns a panic of a handler into the failure of one job, a *PanicError. By default a
// panic ends the process, as in every goroutine, after the job that caused it is noted; the job is
// then retried, up to WithMaxCrashes.
func WithRecover() WorkOption { return workOption(func(c *workConfig) { c.recovers = true }) }

// WithDoubleAck waits for the server to confirm each acknowledgment. It narrows the window in which
// a crash leads to a second delivery, and costs a round trip per job. The default is not to wait.
func WithDoubleAck() WorkOption { return workOption(func(c *workConfig) { c.doubleAck = true }) }

func exponential(failures int) time.Duration {
	d := firstBackoff << min(max(failures-1, 0), 20)
	d = min(d, maxBackoff)
	return d - rand.N(d/4+1)
}
