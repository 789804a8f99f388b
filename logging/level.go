// SPDX-License-Identifier: Apache-2.0

package logging

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"hash/fnv"
	"strings"

	"go.uber.org/zap/zapcore"

	"github.com/asynclocal/asynclocal/internal/logstate"
	"github.com/asynclocal/asynclocal/store"
)

// SetLevel gives the request that ctx carries, else the calling goroutine's, its own level. Every
// correlated logger writes the request's lines from that level on, and no others, whatever level
// the logger has; this also applies to the jobs that it enqueues. Outside a request SetLevel does
// nothing.
//
// Lines that the logger's own level refuses are written by the cores that write the lowest level it
// lets through: in a tee, not by cores for errors only.
//
// The level of a request that is known only through an explicit context applies to loggers that are
// bound to it by logger.With(logging.Ctx(ctx)): a context on the line itself comes too late to
// lower the level.
func SetLevel(ctx context.Context, l zapcore.Level) {
	if r, ok := logstate.Request(ctx); ok {
		logstate.Of(r).SetLevel(l)
	}
}

// WithLevel asks f for the level of a request, with the effect of SetLevel, which wins over it. f
// is called at the first line of a request and again when its name changes, until it returns true;
// several goroutines may call it. By default there is no such function.
func WithLevel(f func(*store.Request) (l zapcore.Level, ok bool)) Option {
	return optionFunc(func(c *config) {
		if f == nil {
			c.reject("WithLevel of a nil function; leave the option out")
		}
		c.level = f
	})
}

// WithoutRequestLevel makes a logger keep its own level in every request, as audit logs need.
func WithoutRequestLevel() Option { return optionFunc(func(c *config) { c.fixed = true }) }

// LevelOfShare returns a function for WithLevel that gives l to a share, from 0 to 1, of all
// requests. The choice follows the request's id, so a request's jobs are chosen with it.
func LevelOfShare(share float64, l zapcore.Level) func(*store.Request) (zapcore.Level, bool) {
	if !isShare(share) {
		panic("logging: LevelOfShare: share is " + number(share) + ", and has to be from 0 to 1")
	}
	limit := threshold(share)
	return func(r *store.Request) (zapcore.Level, bool) { return l, below(hashID(r.ID()), limit) }
}

// hashID spreads ids, which clients may have chosen, over 56 bits.
func hashID(id string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(id))
	x := h.Sum64()
	x ^= x >> 33 // FNV's upper bits hardly depend on the last characters
	x *= 0xff51afd7ed558ccd
	x ^= x >> 33
	return x >> 8
}

// ParseLevel parses the value of a header by which a client that knows the secret asks for a level:
// "debug;the-secret". Give the result to SetLevel. It returns false for an empty secret, a wrong
// one, and anything that is not a level.
func ParseLevel(secret, value string) (l zapcore.Level, ok bool) {
	name, sent, _ := strings.Cut(value, ";")
	a, b := sha256.Sum256([]byte(secret)), sha256.Sum256([]byte(sent))
	if secret == "" || subtle.ConstantTimeCompare(a[:], b[:]) != 1 {
		return 0, false
	}
	l, err := zapcore.ParseLevel(strings.TrimSpace(name))
	return l, err == nil
}

// asks reports whether the function has not been asked about that name yet. It notes the name
// first: a line that the function logs must not call it again.
func (g *loggerState) asks(name string) bool {
	before := g.asked.Load()
	if before != nil && *before == name {
		return false
	}
	return g.asked.CompareAndSwap(before, &name)
}
