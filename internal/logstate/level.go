// SPDX-License-Identifier: Apache-2.0

package logstate

import (
	"sync/atomic"

	"go.uber.org/zap/zapcore"
)

// anyLevel is set once any request has its own level: before that, a line below its logger's level
// is refused without looking for a request.
var anyLevel atomic.Bool

// AnyLevel reports whether any request has had its own level.
func AnyLevel() bool { return anyLevel.Load() }

// Level returns the request's own level, if it has one.
func (s *State) Level() (l zapcore.Level, ok bool) {
	if s == nil {
		return 0, false
	}
	v := s.level.Load()
	if v == 0 {
		return 0, false
	}
	return unpackLevel(v), true
}

// SetLevel sets the request's own level.
func (s *State) SetLevel(l zapcore.Level) {
	anyLevel.Store(true)
	s.level.Store(packLevel(l))
}

// InitLevel is SetLevel for a request that has no level yet.
func (s *State) InitLevel(l zapcore.Level) {
	anyLevel.Store(true)
	s.level.CompareAndSwap(0, packLevel(l))
}

// packLevel returns l as a value other than 0, which means no level.
func packLevel(l zapcore.Level) int32 { return int32(l) + 1<<8 }

func unpackLevel(v int32) zapcore.Level { return zapcore.Level(v - 1<<8) }
