// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"context"
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/asynclocal/asynclocal/store"
)

// ambientOnly skips what explicit contexts alone cannot do.
func ambientOnly(t testing.TB) {
	t.Helper()
	if !store.Ambient() {
		t.Skip("contexts do not travel with goroutines here:", store.AmbientError())
	}
}

func wantSet[T comparable](t testing.TB, s *store.Storage[T], want T) {
	t.Helper()
	if got, ok := s.GetStore(); got != want || !ok {
		t.Errorf("GetStore of %q = %v, %v; want %v, true", s.Name(), got, ok, want)
	}
	if got := s.Get(); got != want {
		t.Errorf("Get of %q = %v, want %v", s.Name(), got, want)
	}
}

// wantUnset checks that s reads as its default, want.
func wantUnset[T comparable](t testing.TB, s *store.Storage[T], want T) {
	t.Helper()
	if got, ok := s.GetStore(); got != want || ok {
		t.Errorf("GetStore of %q = %v, %v; want the default %v, false", s.Name(), got, ok, want)
	}
	if got := s.Get(); got != want {
		t.Errorf("Get of %q = %v, want the default %v", s.Name(), got, want)
	}
}

func wantFrom[T comparable](ctx context.Context, t testing.TB, s *store.Storage[T], want T, wantOK bool) {
	t.Helper()
	if got, ok := s.From(ctx); got != want || ok != wantOK {
		t.Errorf("From of %q = %v, %v; want %v, %v", s.Name(), got, ok, want, wantOK)
	}
}

func wantCurrent(t testing.TB, want *store.Request) {
	t.Helper()
	if got, ok := store.Current(); got != want || ok != (want != nil) {
		t.Errorf("Current() = %q, %v; want %q, %v", got.ID(), ok, want.ID(), want != nil)
	}
}

// panicOf returns what f panics with, nil if it does not.
func panicOf(f func()) (value any) {
	defer func() { value = recover() }()
	f()
	return nil
}

func wantPanic(t testing.TB, want string, f func()) {
	t.Helper()
	if got := fmt.Sprint(panicOf(f)); got != want {
		t.Errorf("panic %q, want %q", got, want)
	}
}

// await runs f on a goroutine of its own and waits for it.
func await(f func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	<-done
}

// payload is big enough for an allocation of its own.
type payload [1 << 16]byte

// newPayload returns a payload and a channel that is closed once it is collected.
func newPayload() (*payload, <-chan struct{}) {
	p, collected := new(payload), make(chan struct{})
	runtime.AddCleanup(p, func(c chan struct{}) { close(c) }, collected)
	return p, collected
}

func isCollected(collected <-chan struct{}) bool {
	runtime.GC()
	select {
	case <-collected:
		return true
	case <-time.After(10 * time.Millisecond):
		return false
	}
}

func wantCollected(t testing.TB, collected <-chan struct{}) {
	t.Helper()
	for range 500 {
		if isCollected(collected) {
			return
		}
	}
	t.Error("something still holds on to the value")
}
