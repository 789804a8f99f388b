// SPDX-License-Identifier: Apache-2.0

package logstate

import (
	"slices"
	"sync"
	"sync/atomic"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/asynclocal/asynclocal/store"
)

// State is what the lines of a request share. A nil State is empty, and can be read.
type State struct {
	mu     sync.Mutex
	fields atomic.Pointer[[]zap.Field] // replaced, never changed
	toJobs []string                    // keys of the fields that go to jobs
	level  atomic.Int32                // packed; 0: no level
}

var states = store.NewAttachment(func(*store.Request) *State { return new(State) })

// Of returns r's State, and makes it on the first call.
func Of(r *store.Request) *State { return states.Of(r) }

// Peek returns r's State, or nil if it has none yet.
func Peek(r *store.Request) *State {
	s, _ := states.Peek(r)
	return s
}

// Fields returns the fields on every line. They must not be changed.
func (s *State) Fields() []zap.Field {
	if s == nil {
		return nil
	}
	if p := s.fields.Load(); p != nil {
		return *p
	}
	return nil
}

// maxFields is how many fields a request can have.
const maxFields = 64

const droppedKey = "log_fields_dropped"

// Add puts fields on every line. Nothing may change them afterwards.
func (s *State) Add(fields []zap.Field) {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := slices.Clone(s.Fields())
	for i := range fields {
		all = put(all, fields[i])
	}
	s.fields.Store(&all)
}

// AddToJobs is Add for fields that also go on the lines of the request's jobs.
func (s *State) AddToJobs(fields []zap.Field) {
	s.Add(fields)
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range fields {
		if key := fields[i].Key; !slices.Contains(s.toJobs, key) && len(s.toJobs) < maxFields {
			s.toJobs = append(s.toJobs, key)
		}
	}
}

// put sets f in all, replacing a field with its key.
func put(all []zap.Field, f zap.Field) []zap.Field {
	at := indexKey(all, f.Key)
	switch {
	case at >= 0:
		all[at] = f
	case len(all) < maxFields:
		all = append(all, f)
	default:
		all = countDropped(all)
	}
	return all
}

func countDropped(all []zap.Field) []zap.Field {
	if at := indexKey(all, droppedKey); at >= 0 {
		all[at].Integer++
		return all
	}
	return append(all, zap.Field{Key: droppedKey, Type: zapcore.Int64Type, Integer: 1})
}

func indexKey(fields []zap.Field, key string) int {
	for i := range fields {
		if fields[i].Key == key {
			return i
		}
	}
	return -1
}
