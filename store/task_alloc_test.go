// SPDX-License-Identifier: Apache-2.0

//go:build !race

package store_test

import (
	"testing"

	"github.com/asynclocal/asynclocal/store"
)

func TestABoundCallAllocatesNoMoreThanItsFrameWithoutAnObserver(t *testing.T) {
	ambientOnly(t)
	s := store.New("s", 0)
	var bound func()
	var snapshot store.Snapshot
	f := func() {}
	s.Run(1, func() { bound, snapshot = store.Bind(f), store.Capture() })
	frame := testing.AllocsPerRun(100, func() { snapshot.Run(f) })
	if got := testing.AllocsPerRun(100, bound); got > frame {
		t.Errorf("a bound call allocates %v times, Snapshot.Run %v", got, frame)
	}
}
