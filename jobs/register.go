// SPDX-License-Identifier: Apache-2.0

package jobs

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/asynclocal/asynclocal/store"
)

// Register makes s travel with every job: Inject writes its value under "x-store-" and key, Run
// sets it for the job. If s is not set, or its value cannot be written or read, the job sees s
// unset.
//
// Call Register during package initialization, in the processes of both sides; a process that has
// not registered key passes the value on to the jobs that its jobs enqueue. It is safe for
// concurrent use. It panics if s is nil, if a function of c is missing, if c.MaxBytes is negative,
// if key is not 1 to 64 characters of [a-z0-9._-], and if key or s is registered already.
func Register[T any](s *store.Storage[T], key string, c Codec[T]) {
	switch {
	case s == nil:
		panic("jobs: Register of a nil Storage; make one with store.New")
	case c.Encode == nil || c.Decode == nil:
		panic(fmt.Sprintf("jobs: Register of %q with a Codec that lacks Encode or Decode; set both, or use JSON, Text or Binary", key))
	case c.MaxBytes < 0:
		panic(fmt.Sprintf("jobs: Register of %q with Codec.MaxBytes %d; use 0 for the default of %d bytes", key, c.MaxBytes, DefaultMaxBytes))
	case !validKey(key):
		panic(fmt.Sprintf("jobs: Register of key %q; use 1 to %d characters of [a-z0-9._-]", key, maxKey))
	}
	if c.MaxBytes == 0 {
		c.MaxBytes = DefaultMaxBytes
	}
	registry.add(&entry{
		key:      StoragePrefix + key,
		maxBytes: c.MaxBytes,
		storage:  s,
		encode: func(ctx context.Context) ([]byte, bool) {
			v, ok := s.From(ctx)
			if !ok {
				return nil, false
			}
			b, err := c.Encode(v)
			return b, err == nil
		},
		decode: func(ctx context.Context, b []byte) context.Context {
			v, err := c.Decode(b)
			if err != nil {
				return ctx
			}
			return s.With(ctx, v)
		},
	})
}

const maxKey = 64

func validKey(key string) bool {
	if key == "" || len(key) > maxKey {
		return false
	}
	for i := range len(key) {
		c := key[i]
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '.' && c != '_' && c != '-' {
			return false
		}
	}
	return true
}

// entry is a registered Storage.
type entry struct {
	key      string // with the prefix
	maxBytes int
	storage  any
	encode   func(context.Context) ([]byte, bool)
	decode   func(context.Context, []byte) context.Context
}

// registry holds the registered storages. It is read for every job and written at initialization,
// so readers take a list that never changes.
var registry entries

type entries struct {
	mu   sync.Mutex
	list atomic.Pointer[[]*entry]
}

func (r *entries) all() []*entry {
	if l := r.list.Load(); l != nil {
		return *l
	}
	return nil
}

func (r *entries) add(e *entry) {
	r.mu.Lock()
	defer r.mu.Unlock()
	list := r.all()
	for _, old := range list {
		if old.key == e.key {
			panic(fmt.Sprintf("jobs: Register of key %q, which is taken; choose another, or register once", e.key[len(StoragePrefix):]))
		}
		if old.storage == e.storage {
			panic(fmt.Sprintf("jobs: Register of a Storage that has key %q already; register it once", old.key[len(StoragePrefix):]))
		}
	}
	list = append(slices.Clone(list), e)
	r.list.Store(&list)
}

func (r *entries) has(key string) bool {
	return slices.ContainsFunc(r.all(), func(e *entry) bool { return e.key == key })
}
