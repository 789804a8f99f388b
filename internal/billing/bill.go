// SPDX-License-Identifier: Apache-2.0

package billing

import (
	"math"
	"sync"
	"sync/atomic"
	"time"

	"github.com/asynclocal/asynclocal/store"
)

// class is what an operation counts as.
type class uint8

const (
	none class = iota
	statement
	call
	message
	classes
)

// Bill is what one request has done so far.
type Bill struct {
	mu     sync.Mutex
	config *Config
	zero   time.Time // other times are relative to it

	number     [classes]int
	total      [classes]span
	waiting    span // at most one runs
	waiters    int
	began      time.Duration // when the current wait began
	idle       time.Duration // when the last wait ended
	goroutines int
	ran        span
	sent, read int64
	errors     errorTypes
	shapes     shapes

	settled *Sum
}

// span is the time in which operations were under way: each one's added up, or that of any.
type span struct {
	running int
	sum     time.Duration // the sum of the ends, less the sum of the beginnings
}

func (s *span) begin(at time.Duration) { s.running, s.sum = s.running+1, s.sum-at }
func (s *span) end(at time.Duration)   { s.running, s.sum = s.running-1, s.sum+at }

// until returns the sum. What is under way counts until now.
func (s *span) until(now time.Duration) time.Duration {
	return max(0, s.sum+time.Duration(s.running)*now)
}

// on is set once something in this process counts. Before that nothing looks for a bill.
var on atomic.Bool

// On reports whether anything in this process counts.
func On() bool { return on.Load() }

var bills = store.NewAttachment(func(*store.Request) *Bill { return &Bill{zero: time.Now(), idle: math.MinInt64} })

// Of returns r's bill, and makes it the first time. A nil r has no bill.
func Of(r *store.Request, c *Config) *Bill {
	b := bills.Of(r)
	if b != nil {
		b.mu.Lock()
		if b.config == nil {
			b.config = c
		}
		b.mu.Unlock()
	}
	return b
}

// Peek returns r's bill, or nil if nothing of r was counted.
func Peek(r *store.Request) *Bill {
	if !On() {
		return nil
	}
	b, _ := bills.Peek(r)
	return b
}

// since returns at relative to the bill's zero.
func (b *Bill) since(at time.Time) time.Duration { return at.Sub(b.zero) }

// Read returns the sums up to now.
func (b *Bill) Read(now time.Time) Sum {
	if b == nil {
		return Sum{}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.sums(b.since(now))
}

// Settle returns the sums of a request that ends now. It returns the same sums at each call, so that
// the request's line and span agree.
func (b *Bill) Settle() *Sum {
	if b == nil {
		return nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.settled == nil {
		s := b.sums(b.since(time.Now()))
		b.settled = &s
	}
	return b.settled
}

func (b *Bill) sums(now time.Duration) Sum {
	return Sum{
		Statements: b.number[statement], StatementTime: b.total[statement].until(now),
		Calls: b.number[call], CallTime: b.total[call].until(now),
		Messages: b.number[message], MessageTime: b.total[message].until(now),
		WaitTime:   b.waiting.until(now),
		Goroutines: b.goroutines, GoroutineTime: b.ran.until(now),
		BytesSent: b.sent, BytesReceived: b.read,
		Errors:   b.errors.list(),
		Repeated: b.shapes.repeated(b.config, now, b.zero),
	}
}
