// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"context"
	"testing"

	"github.com/asynclocal/asynclocal/store"
)

func TestAResourceRunsInTheContextItWasMadeIn(t *testing.T) {
	t.Parallel()
	ambientOnly(t)
	s := store.New("s", 0)
	var r *store.Resource
	request := store.NewRequest("request")
	request.Run(t.Context(), func(context.Context) {
		s.Run(1, func() { r = store.NewResource("conn") })
	})
	s.Run(2, func() {
		for range 2 {
			r.Run(func() {
				wantSet(t, s, 1)
				wantCurrent(t, request)
				s.EnterWith(9)
			})
			wantSet(t, s, 2)
		}
		r.Bind(func() { wantSet(t, s, 1) })()
		wantSet(t, s, 2)
	})
}

func TestResourcesAreATreeOfIDsAndTriggerIDs(t *testing.T) {
	t.Parallel()
	outside := store.NewResource("outside")
	if outside.Kind() != "outside" || outside.ID() == 0 {
		t.Errorf("Kind() %q, ID() %d; want outside, and a number", outside.Kind(), outside.ID())
	}
	ambientOnly(t)
	await(func() {
		if got := store.TaskID(); got != 0 {
			t.Errorf("TaskID() = %d outside of every resource", got)
		}
		root := store.NewResource("root")
		if root.TriggerID() != 0 {
			t.Errorf("TriggerID() = %d, want 0 for one made outside", root.TriggerID())
		}
		root.Run(func() {
			wantTask(t, root.ID())
			var child, sibling *store.Resource
			await(func() { child = store.NewResource("child") })
			store.New("s", 0).Run(1, func() { sibling = store.NewResource("sibling") })
			for _, r := range []*store.Resource{child, sibling} {
				if r.TriggerID() != root.ID() || r.ID() == root.ID() {
					t.Errorf("%s has trigger %d and id %d under root %d", r.Kind(), r.TriggerID(), r.ID(), root.ID())
				}
			}
			child.Run(func() { wantTask(t, child.ID()) })
			wantTask(t, root.ID())
			store.Exit(func() { wantTask(t, 0) })
		})
		wantTask(t, 0)
	})
}

func wantTask(t *testing.T, want uint64) {
	t.Helper()
	if got := store.TaskID(); got != want {
		t.Errorf("TaskID() = %d, want %d", got, want)
	}
}

func TestBoundWorkWithoutAnObserverKeepsTheResourceThatBoundIt(t *testing.T) {
	ambientOnly(t)
	r := store.NewResource("r")
	var bound func()
	r.Run(func() { bound = store.Bind(func() { wantTask(t, r.ID()) }) })
	bound()
}

func TestTheMethodsOfANilResourceGiveTheEmptyContext(t *testing.T) {
	t.Parallel()
	var r *store.Resource
	if r.ID() != 0 || r.TriggerID() != 0 || r.Kind() != "" {
		t.Errorf("ID() %d, TriggerID() %d, Kind() %q; want nothing", r.ID(), r.TriggerID(), r.Kind())
	}
	s := store.New("s", 0)
	s.Run(1, func() {
		called := 0
		r.Run(func() { called++; wantUnset(t, s, 0) })
		r.Bind(func() { called++; wantUnset(t, s, 0) })()
		if called != 2 {
			t.Errorf("%d calls, want 2", called)
		}
	})
}
