// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/asynclocal/asynclocal/store"
)

func TestAnAttachmentIsMadeOnceForAllGoroutinesOfARequest(t *testing.T) {
	t.Parallel()
	var made atomic.Int32
	a := store.NewAttachment(func(*store.Request) *atomic.Int32 {
		made.Add(1)
		return new(atomic.Int32)
	})
	r := store.NewRequest("r")
	r.Run(t.Context(), func(context.Context) {
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() { a.Of(r).Add(1) })
		}
		wg.Wait()
	})
	if made.Load() != 1 || a.Of(r).Load() != 50 {
		t.Errorf("made %d times, and counted %d; want 1 and 50", made.Load(), a.Of(r).Load())
	}
}

func TestEachRequestHasItsOwnAttachmentOfEachKind(t *testing.T) {
	t.Parallel()
	id := store.NewAttachment(func(r *store.Request) string { return "id " + r.ID() })
	name := store.NewAttachment(func(r *store.Request) string { return "name " + r.Name() })
	one, two := store.NewRequest("1"), store.NewRequest("2")
	two.SetName("two")
	for _, tt := range []struct{ got, want string }{
		{id.Of(one), "id 1"}, {id.Of(two), "id 2"}, {name.Of(one), "name "}, {name.Of(two), "name two"}, {id.Of(one), "id 1"},
	} {
		if tt.got != tt.want {
			t.Errorf("Of = %q, want %q", tt.got, tt.want)
		}
	}
}

func TestPeekDoesNotMakeAnAttachment(t *testing.T) {
	t.Parallel()
	a := store.NewAttachment(func(*store.Request) int { return 7 })
	r := store.NewRequest("r")
	if v, ok := a.Peek(r); v != 0 || ok {
		t.Errorf("Peek = %d, %v before Of; want 0, false", v, ok)
	}
	a.Of(r)
	if v, ok := a.Peek(r); v != 7 || !ok {
		t.Errorf("Peek = %d, %v after Of; want 7, true", v, ok)
	}
}

func TestANilInterfaceIsAnAttachmentToo(t *testing.T) {
	t.Parallel()
	made := 0
	a := store.NewAttachment(func(*store.Request) error { made++; return nil })
	r := store.NewRequest("r")
	_ = a.Of(r)
	if err, ok := a.Peek(r); err != nil || !ok || a.Of(r) != nil || made != 1 {
		t.Errorf("Peek = %v, %v, and made %d times; want nil, true, once", err, ok, made)
	}
}

func TestAPanicWhileAnAttachmentIsMadeLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	fail := true
	a := store.NewAttachment(func(*store.Request) int {
		if fail {
			panic("boom")
		}
		return 1
	})
	r := store.NewRequest("r")
	wantPanic(t, "boom", func() { a.Of(r) })
	fail = false
	if got := a.Of(r); got != 1 {
		t.Errorf("Of = %d after a panic, want 1", got)
	}
}

func TestAnAttachmentIsReleasedWhenTheRequestExpires(t *testing.T) {
	t.Parallel()
	var collected <-chan struct{}
	a := store.NewAttachment(func(*store.Request) (p *payload) {
		p, collected = newPayload()
		return p
	})
	r := store.NewRequest("r")
	r.SetLinger(0)
	r.Run(t.Context(), func(context.Context) {
		a.Of(r)
		if isCollected(collected) {
			t.Error("released while the request runs")
		}
	})
	wantCollected(t, collected)
	if _, ok := a.Peek(r); ok {
		t.Error("Peek has a value after the request expired")
	}
}
