// SPDX-License-Identifier: Apache-2.0

package logging

import (
	"sync"
	"sync/atomic"

	"go.uber.org/zap"

	"github.com/asynclocal/asynclocal/store"
)

// story is what a request's lines share.
type story struct {
	mu    sync.Mutex
	added atomic.Pointer[[]zap.Field] // replaced, never changed
}

var stories = store.NewAttachment(func(*store.Request) *story { return new(story) })

// peekStory returns r's story, nil if it has none yet.
func peekStory(r *store.Request) *story {
	if r == nil {
		return nil
	}
	s, _ := stories.Peek(r)
	return s
}

// fields returns what Add has collected.
func (s *story) fields() []zap.Field {
	if s == nil {
		return nil
	}
	if p := s.added.Load(); p != nil {
		return *p
	}
	return nil
}
