// SPDX-License-Identifier: Apache-2.0

//go:build asynclocal_nolinkname && !asynclocal_noambient

package ambient

import (
	"context"
	"runtime"
	"runtime/pprof"
	"strings"
	"sync"
	"testing"
	"unsafe"
)

func TestTheLabelsAreFoundOnEachAttemptWhateverTheGoroutineHas(t *testing.T) {
	t.Parallel()
	onlyOn(t)
	var wg sync.WaitGroup
	for _, labels := range [][]string{nil, {"a", "1"}, {Key, "user's"}, {"probe", "1"}} {
		find := func(context.Context) {
			before := Get()
			for range 50 {
				if at := findLabel(); at != labelAt {
					t.Errorf("found at %d, then at %d", labelAt, at)
				}
			}
			if Get() != before {
				t.Error("the goroutine's own labels have changed")
			}
		}
		wg.Go(func() { pprof.Do(context.Background(), pprof.Labels(labels...), find) })
	}
	wg.Wait()
}

// Not parallel: it has the process look elsewhere.
func TestAPlaceThatIsNotTheLabelsIsRefused(t *testing.T) {
	onlyOn(t)
	defer func(at uintptr) { labelAt = at }(labelAt)
	for _, tt := range []struct {
		name string
		at   uintptr
		want string
	}{
		{"no place", 0, "not where they can be found"},
		{"one that is empty", 4 * wordSize, "not what SetGoroutineLabels stores"}, // the panic in progress
		{"another pointer", 6 * wordSize, "not what SetGoroutineLabels stores"},   // the thread
	} {
		labelAt = tt.at
		if ok, why := decide(selfCheck); ok || !strings.Contains(why, tt.want) {
			t.Errorf("%s: %v, %q; want %q", tt.name, ok, why, tt.want)
		}
	}
	labelAt = 0
	if Get() != (Slot{}) {
		t.Error("without a place something is in the slot")
	}
}

// Not parallel: AllocsPerRun counts the process's.
func TestTheSlotIsSetWithoutAnAllocation(t *testing.T) {
	onlyOn(t)
	if redzone > 0 {
		t.Skip("the address sanitizer allocates too")
	}
	f := newFrame(t, "f")
	defer Set(Slot{})
	if n := testing.AllocsPerRun(100, func() {
		Set(f.Slot())
		Set(Slot{})
	}); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestAContextThatIsALabelSetIsNoOtherContext(t *testing.T) {
	t.Parallel()
	f := newFrame(t, "f")
	ctx := context.Context((*holder)(unsafe.Pointer(f)))
	if deadline, ok := ctx.Deadline(); ok || !deadline.IsZero() || ctx.Done() != nil || ctx.Err() != nil {
		t.Errorf("it ends: %v, %v, %v, %v", deadline, ok, ctx.Done(), ctx.Err())
	}
	if v, ok := pprof.Label(ctx, Key); !ok || v != "f" {
		t.Errorf("its label is %q, %v", v, ok)
	}
	runtime.KeepAlive(f)
}
