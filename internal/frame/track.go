// SPDX-License-Identifier: Apache-2.0

package frame

import (
	"slices"
	"sync"
	"sync/atomic"

	"github.com/asynclocal/asynclocal/internal/ambient"
	"github.com/asynclocal/asynclocal/internal/goroutine"
)

// The ctx of a pprof.Do has the goroutine's labels themselves, and package pprof answers for them.
// If it comes back later, inside a Run that was nested in that Do, it brings back the frame from
// before the Run:
//
//	tenant.Run("acme", func() {
//		pprof.Do(store.Context(), a, func(ctx context.Context) {
//			tenant.Run("globex", func() {
//				pprof.Do(ctx, b, func(context.Context) { … }) // acme's labels, in it and after it
//			})
//		})
//	})
//
// A tracer that labels goroutines does so with each span. Nothing in the labels says that they are
// old, so the goroutine has a track from a Run in such labels to its end: which labels may come
// back, and what it runs with instead. A goroutine that it starts has no track, and goes by the
// labels that it begins with.
type track struct{ runs []trackedRun }

type trackedRun struct {
	base *Frame       // the frame of the labels in which the Run began; nil: it began in no labels
	top  ambient.Slot // what the Run, or an Enter in it, has put into the slot
}

// tracked counts the tracks of all goroutines: usually there are none, and nothing is looked for.
var tracked atomic.Int32

// tracks are by goroutine, in shards, because there may be one in each request.
var tracks [32]struct {
	sync.Mutex
	of map[int64]*track
}

// mine calls f with the calling goroutine's track, or nil.
func mine(f func(id int64, t *track)) {
	id := goroutine.ID()
	shard := &tracks[id%int64(len(tracks))]
	shard.Lock()
	defer shard.Unlock()
	if shard.of == nil {
		shard.of = map[int64]*track{}
	}
	f(id, shard.of[id])
}

// Begin puts slot into the calling goroutine's slot, over before, for a function that calls Return
// with both at its end. It returns slot.
func Begin(before, slot ambient.Slot) ambient.Slot {
	if tracked.Load() != 0 || !before.Empty() && !ambient.IsFrame(before) {
		begin(before, slot)
	}
	ambient.Set(slot)
	return slot
}

// Return puts back what was in the slot before. If other code has changed the goroutine's labels
// meanwhile, the changes stay, because they may be meant for longer.
func Return(before, slot ambient.Slot) {
	if tracked.Load() != 0 {
		end()
	}
	if now := ambient.Get(); now == slot || ambient.IsFrame(now) && ambient.IsFrame(slot) {
		ambient.Set(before)
	} else {
		back(before, slot, now)
	}
}

// back is Return if now is in the slot, and labels may have changed.
//
//go:noinline
func back(before, slot, now ambient.Slot) {
	labels := Outside(now)
	if ambient.SameLabels(labels, Outside(slot)) {
		ambient.Set(before)
		return
	}
	if f := of(before); f != nil {
		labels = labelled(f, labels).Slot()
	}
	ambient.Set(labels)
}

//go:noinline
func begin(before, slot ambient.Slot) {
	base := ambient.Of[Payload](before)
	if base != nil && base.Is(before) {
		base = nil
	}
	if base == nil && tracked.Load() == 0 {
		return
	}
	mine(func(id int64, t *track) {
		if t == nil {
			if base == nil {
				return
			}
			t = new(track)
			tracks[id%int64(len(tracks))].of[id] = t
			tracked.Add(1)
		}
		t.runs = append(t.runs, trackedRun{base, slot})
	})
}

//go:noinline
func end() {
	mine(func(id int64, t *track) {
		if t == nil {
			return
		}
		if t.runs = t.runs[:len(t.runs)-1]; len(t.runs) == 0 {
			delete(tracks[id%int64(len(tracks))].of, id)
			tracked.Add(-1)
		}
	})
}

// enter puts slot into the calling goroutine's slot, until the Run around it returns, or until the
// next enter.
func enter(slot ambient.Slot) {
	ambient.Set(slot)
	if tracked.Load() != 0 {
		top(slot)
	}
}

//go:noinline
func top(slot ambient.Slot) {
	if f := ambient.Of[Payload](slot); f != nil && !f.Is(slot) {
		return // labels, which may be old ones
	}
	mine(func(_ int64, t *track) {
		if t != nil {
			t.runs[len(t.runs)-1].top = slot
		}
	})
}

// show puts slot into the calling goroutine's slot. slot shows the same as under in another form,
// so it is what the Run has set only if under is.
func show(under, slot ambient.Slot) {
	ambient.Set(slot)
	if tracked.Load() == 0 {
		return
	}
	mine(func(_ int64, t *track) {
		if t != nil && t.runs[len(t.runs)-1].top == under {
			t.runs[len(t.runs)-1].top = slot
		}
	})
}

// of returns the frame that the calling goroutine, whose slot is given, runs with.
func of(slot ambient.Slot) *Frame {
	if ambient.IsFrame(slot) {
		return ambient.Direct[Payload](slot)
	}
	return among(slot)
}

// among is of for a slot that has labels of the user's.
func among(slot ambient.Slot) *Frame {
	if f := ambient.Roomed[Payload](slot); f != nil {
		return f
	}
	f := ambient.Among[Payload](slot)
	if f == nil || f.Is(slot) || tracked.Load() == 0 {
		return f
	}
	return latest(f, slot)
}

// latest returns f, or what the calling goroutine runs with instead. In the latter case it also
// puts that into the slot again, beside the labels that are there, because what the goroutine
// starts goes by the slot.
//
//go:noinline
func latest(f *Frame, slot ambient.Slot) *Frame {
	now, old := ambient.Slot{}, false
	mine(func(_ int64, t *track) {
		if old = t != nil && t.knows(f); old {
			now = t.runs[len(t.runs)-1].top
		}
	})
	if !old {
		return f
	}
	user := ambient.Without(slot)
	if f = ambient.Of[Payload](now); f == nil {
		ambient.Set(user)
		return nil
	}
	f = labelled(f, user)
	ambient.Set(f.Slot())
	return f
}

// knows reports whether f is from before one of t's Runs.
func (t *track) knows(f *Frame) bool {
	return slices.ContainsFunc(t.runs, func(r trackedRun) bool { return r.base == f })
}
