// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"context"
	"sync"
	"testing"

	"github.com/asynclocal/asynclocal/store"
)

func TestEnterWithLastsUntilTheEnclosingRunReturns(t *testing.T) {
	t.Parallel()
	ambientOnly(t)
	a, b := store.New("a", 0), store.New("b", 0)
	b.Run(1, func() {
		a.EnterWith(2)
		wantSet(t, a, 2)
		wantSet(t, b, 1)
	})
	wantUnset(t, a, 0)
	wantUnset(t, b, 0)
}

func TestEnterWithOutsideEveryRunLastsUntilTheGoroutineEnds(t *testing.T) {
	t.Parallel()
	ambientOnly(t)
	a := store.New("a", 0)
	await(func() {
		a.EnterWith(1)
		wantSet(t, a, 1)
		await(func() { wantSet(t, a, 1) })
		a.EnterWith(2)
		wantSet(t, a, 2)
	})
	wantUnset(t, a, 0)
}

func TestLeaveTakesBackItsOwnEnterWithAndNothingElse(t *testing.T) {
	t.Parallel()
	ambientOnly(t)
	a, b := store.New("a", 0), store.New("b", 0)
	a.Run(1, func() {
		leave := a.EnterWith(2)
		b.EnterWith(3)
		leave()
		wantSet(t, a, 1)
		wantSet(t, b, 3)
		leave()
		wantSet(t, a, 1)
	})
	a.Exit(func() {
		leave := a.EnterWith(4)
		leave()
		wantUnset(t, a, 0)
	})
}

// Each case enters 1, 2 and 3 over a Run with 0, and leaves in the order given.
func TestLeaveInAnyOrderEndsWhereItBegan(t *testing.T) {
	t.Parallel()
	ambientOnly(t)
	tests := []struct {
		name   string
		leaves []int
		reads  []int // after each leave
	}{
		{"the last first", []int{3, 2, 1}, []int{2, 1, 0}},
		{"the first first", []int{1, 2, 3}, []int{3, 3, 0}},
		{"the middle first", []int{2, 3, 1}, []int{3, 1, 0}},
		{"the middle last", []int{1, 3, 2}, []int{3, 2, 0}},
		{"the first last", []int{2, 3, 1}, []int{3, 1, 0}},
		{"each twice", []int{1, 1, 3, 3, 2, 2, 1, 3}, []int{3, 3, 2, 2, 0, 0, 0, 0}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			a := store.New("a", -1)
			a.Run(0, func() {
				leave := map[int]func(){1: a.EnterWith(1), 2: a.EnterWith(2), 3: a.EnterWith(3)}
				for i, n := range tt.leaves {
					leave[n]()
					wantSet(t, a, tt.reads[i])
				}
			})
			wantUnset(t, a, -1)
		})
	}
}

func TestALateLeaveChangesNothing(t *testing.T) {
	t.Parallel()
	ambientOnly(t)
	a := store.New("a", 0)
	var leave func()
	a.Run(1, func() { leave = a.EnterWith(2) })
	leave()
	wantUnset(t, a, 0)
	a.Run(3, func() {
		leave()
		wantSet(t, a, 3)
	})
}

func TestALeaveUnderAnotherValueChangesNothing(t *testing.T) {
	t.Parallel()
	ambientOnly(t)
	a := store.New("a", 0)
	a.Run(1, func() {
		leave := a.EnterWith(2)
		a.Run(3, func() {
			leave()
			wantSet(t, a, 3)
		})
		wantSet(t, a, 2)
		leave()
		wantSet(t, a, 1)
	})
}

func TestLeaveOnAnotherGoroutineIsThatGoroutinesAlone(t *testing.T) {
	t.Parallel()
	ambientOnly(t)
	a := store.New("a", 0)
	a.Run(1, func() {
		leave := a.EnterWith(2)
		await(func() {
			leave()
			wantSet(t, a, 1)
		})
		wantSet(t, a, 2)
		leave()
		wantSet(t, a, 1)
	})
	stranger := make(chan func())
	go a.Run(4, func() { stranger <- a.EnterWith(5) })
	(<-stranger)()
	wantUnset(t, a, 0)
}

func TestLeaveMayBeCalledByManyGoroutinesAtOnce(t *testing.T) {
	t.Parallel()
	ambientOnly(t)
	a := store.New("a", 0)
	a.Run(1, func() {
		one, two := a.EnterWith(2), a.EnterWith(3)
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				one()
				wantSet(t, a, 3)
				two()
				wantSet(t, a, 1)
			})
		}
		wg.Wait()
		wantSet(t, a, 3)
	})
}

func TestEnterWithInARequestLastsUntilItsRunReturns(t *testing.T) {
	t.Parallel()
	ambientOnly(t)
	a := store.New("a", 0)
	r := store.NewRequest("r")
	r.Run(t.Context(), func(ctx context.Context) {
		leave := a.EnterWith(1)
		leave2 := a.EnterWith(2)
		wantSet(t, a, 2)
		wantCurrent(t, r)
		wantFrom(ctx, t, a, 2, true)
		leave()
		leave2()
		wantUnset(t, a, 0)
		a.EnterWith(3)
	})
	wantUnset(t, a, 0)
}

func enterPayload(s *store.Storage[*payload]) <-chan struct{} {
	p, collected := newPayload()
	s.EnterWith(p)
	return collected
}

func TestEnteringAgainAndAgainHoldsOnToNoEarlierValue(t *testing.T) {
	t.Parallel()
	ambientOnly(t)
	big := store.New[*payload]("big", nil)
	await(func() {
		collected := enterPayload(big)
		for range 3 {
			p, _ := newPayload()
			big.EnterWith(p)
		}
		wantCollected(t, collected)
	})
}

func TestDisableUnsetsUntilTheEnclosingRunReturns(t *testing.T) {
	t.Parallel()
	ambientOnly(t)
	a, b := store.New("a", 0), store.New("b", 0)
	a.Run(1, func() {
		b.Run(2, func() {
			a.Disable()
			wantUnset(t, a, 0)
			wantSet(t, b, 2)
			await(func() { wantUnset(t, a, 0) })
			a.Disable()
			a.EnterWith(3)
			wantSet(t, a, 3)
			a.Disable()
		})
		wantSet(t, a, 1)
	})
	await(func() {
		a.EnterWith(4)
		a.Disable()
		wantUnset(t, a, 0)
	})
}
