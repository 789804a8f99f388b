// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"context"
	"strings"
	"testing"

	"github.com/asynclocal/asynclocal/store"
)

// A bare nil dereference names a line of this package, and not the mistake.
func TestANilFunctionPanicsWithItsMethodAndTheCure(t *testing.T) {
	t.Parallel()
	s := store.New("nil", 0)
	tests := map[string]func(){
		"Storage.Run of a nil function":      func() { s.Run(1, nil) },
		"Storage.Exit of a nil function":     func() { s.Exit(nil) },
		"Call of a nil function":             func() { store.Call[int, int](s, 1, nil) },
		"Exit of a nil function":             func() { store.Exit(nil) },
		"RunContext of a nil function":       func() { store.RunContext(context.Background(), nil) },
		"Request.Run of a nil function":      func() { store.NewRequest("").Run(context.Background(), nil) },
		"Run of a nil *Request":              func() { (*store.Request)(nil).Run(context.Background(), func(context.Context) {}) },
		"Snapshot.Run of a nil function":     func() { store.Capture().Run(nil) },
		"Resource.Run of a nil function":     func() { store.NewResource("conn").Run(nil) },
		"Resource.Bind of a nil function":    func() { store.NewResource("conn").Bind(nil) },
		"Bind of a nil function":             func() { store.Bind(nil) },
		"BindFunc of a nil function":         func() { store.BindFunc[func(int) int](nil) },
		"BindFunc of a <nil>":                func() { store.BindFunc[any](nil) },
		"Go of a nil function":               func() { store.Go(nil) },
		"AfterFunc of a nil function":        func() { store.AfterFunc(0, nil) },
		"ContextAfterFunc of a nil function": func() { store.ContextAfterFunc(context.Background(), nil) },
		"ContextAfterFunc of a nil ctx":      func() { store.ContextAfterFunc(nil, func() {}) },
		"NewAttachment with a nil function":  func() { store.NewAttachment[int](nil) },
	}
	for want, misuse := range tests {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			defer func() {
				got, _ := recover().(string)
				if !strings.HasPrefix(got, "store: "+want) || !strings.Contains(got, ";") {
					t.Errorf("panicked with %q, want %q and a cure", got, "store: "+want)
				}
			}()
			misuse()
		})
	}
}

// What was set stays set, and nothing of the mistake does.
func TestANilFunctionLeavesTheContextAlone(t *testing.T) {
	t.Parallel()
	s := store.New("kept", 0)
	s.Run(7, func() {
		for _, misuse := range []func(){
			func() { s.Run(1, nil) }, func() { s.Exit(nil) }, func() { store.Exit(nil) },
			func() { store.RunContext(nil, nil) }, func() { store.Snapshot{}.Run(nil) },
		} {
			func() {
				defer func() { _ = recover() }()
				misuse()
			}()
			if got := s.Get(); store.Ambient() && got != 7 {
				t.Errorf("reads %d after it, want 7", got)
			}
		}
	})
}

func TestARequestDoesNotBeginWithANilFunction(t *testing.T) {
	t.Parallel()
	r := store.NewRequest("")
	func() {
		defer func() { _ = recover() }()
		r.Run(context.Background(), nil)
	}()
	if r.Ended() {
		t.Error("it has ended, though it never ran")
	}
}
