// SPDX-License-Identifier: Apache-2.0

//go:build !asynclocal_noambient

package ambient_test

import (
	"context"
	"io"
	"runtime/pprof"
	"testing"

	"github.com/asynclocal/asynclocal/internal/ambient"
	"github.com/asynclocal/asynclocal/store"
)

// Not parallel: it switches the process's ambient half off.
func TestOnARuntimeThatFailsTheSelfCheckEverythingWorksThroughContexts(t *testing.T) {
	var label *string
	defer ambient.Fail(func() error { _ = *label; return nil })()
	const why = "ambient: the self-check failed: runtime error: invalid memory address or nil pointer dereference"
	if err := store.AmbientError(); store.Ambient() || err == nil || err.Error() != why {
		t.Fatalf("Ambient() = %v, AmbientError() = %v", store.Ambient(), err)
	}
	s := store.New("s", 0)
	calls := 0
	unset := func() {
		calls++
		if v, ok := s.GetStore(); v != 0 || ok {
			t.Errorf("GetStore = %v, %v", v, ok)
		}
		for debug := range 3 {
			if err := pprof.Lookup("goroutine").WriteTo(io.Discard, debug); err != nil {
				t.Error(err)
			}
		}
	}
	s.Run(1, unset)
	s.Exit(unset)
	store.Exit(unset)
	leave := s.EnterWith(1)
	unset()
	leave()
	s.Disable()
	store.Capture().Run(unset)
	store.Bind(unset)()
	store.NewResource("r").Run(unset)
	store.RunContext(s.With(t.Context(), 1), func(context.Context) { unset() })
	if calls != 8 {
		t.Errorf("%d of 8 functions were called", calls)
	}
	r := store.NewRequest("r")
	r.Run(s.With(t.Context(), 1), func(ctx context.Context) {
		unset()
		if v, ok := s.From(ctx); v != 1 || !ok {
			t.Errorf("From = %v, %v", v, ok)
		}
		if got, ok := store.CurrentFrom(ctx); got != r || !ok {
			t.Errorf("CurrentFrom = %v, %v", got.ID(), ok)
		}
		pprof.Do(ctx, pprof.Labels("user", "ada"), func(ctx context.Context) {
			unset()
			if v, ok := s.From(ctx); v != 1 || !ok {
				t.Errorf("From in Do = %v, %v", v, ok)
			}
		})
		r.SetName("named")
		if snapshot, ok := store.FromContext(ctx); !ok {
			t.Error("the context carries nothing")
		} else if v, ok := s.From(snapshot.Context(nil)); v != 1 || !ok {
			t.Errorf("From of the snapshot's context = %v, %v", v, ok)
		}
	})
	if !r.Ended() {
		t.Error("the request has not ended")
	}
}
