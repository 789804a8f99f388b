// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"context"
	"testing"
	"weak"

	"github.com/asynclocal/asynclocal/store"
)

var remainders = map[string]func(f func()){
	"in a Run":                    func(f func()) { store.New("s", 0).Run(1, f) },
	"in Runs inside each other":   func(f func()) { s := store.New("s", 0); s.Run(1, func() { s.Run(2, f) }) },
	"after EnterWith":             func(f func()) { store.New("s", 0).EnterWith(1); f() },
	"in bound work":               func(f func()) { store.Bind(f)() },
	"in bound work that is later": func(f func()) { bound := store.Bind(f); later = append(later, bound) },
	"in RunContext":               func(f func()) { store.RunContext(store.Context(), func(context.Context) { f() }) },
	"beside an Attachment": func(f func()) {
		r, _ := store.Current()
		store.NewAttachment(func(*store.Request) int { return 1 }).Of(r)
		f()
	},
}

// later is called after the Request's end.
var later []func()

// inheritedIn starts a goroutine in the way given, and returns it when the Request of it has
// expired.
func inheritedIn(t *testing.T, way func(f func())) (i inheritor, r weak.Pointer[store.Request]) {
	t.Helper()
	later = nil
	request := store.NewRequest("r")
	request.SetLinger(0)
	request.Run(t.Context(), func(context.Context) { way(func() { i = inherit() }) })
	for _, f := range later {
		f()
	}
	later = nil
	return i, weak.Make(request)
}

// Not parallel: while OnLateRead is set, Requests are kept until it is told of them.
func TestTheRequestItselfIsCollectableOnceItExpiredThoughAnInheritorLives(t *testing.T) {
	ambientOnly(t)
	for name, way := range remainders {
		t.Run(name, func(t *testing.T) {
			i, r := inheritedIn(t, way)
			defer close(i)
			wantGone(t, "the Request", r)
			i.do(func() { wantCurrent(t, nil) })
		})
	}
}

func TestWhereLateReadsAreReportedTheRequestIsKeptUntilTheFirst(t *testing.T) {
	ambientOnly(t)
	for name, way := range remainders {
		t.Run(name, func(t *testing.T) {
			told := 0
			store.OnLateRead(func(e store.LateRead) {
				if e.Request.ID() == "r" {
					told++
				}
			})
			defer store.OnLateRead(nil)
			i, r := inheritedIn(t, way)
			defer close(i)
			for range 3 {
				i.do(func() { wantCurrent(t, nil) })
			}
			if told != 1 {
				t.Errorf("told %d times, want once", told)
			}
			wantGone(t, "the Request", r)
		})
	}
}

// A Request that is run again after it has expired is found by those who inherited it then,
// and by those of before.
func TestARequestThatIsRunAgainAfterItHasExpiredIsThereAgain(t *testing.T) {
	t.Parallel()
	ambientOnly(t)
	s := store.New("s", 0)
	r := store.NewRequest("r")
	r.SetLinger(0)
	for round := range 3 {
		var i inheritor
		r.Run(t.Context(), func(context.Context) {
			s.Run(round, func() {
				i = inherit()
				i.do(func() {
					wantSet(t, s, round)
					wantCurrent(t, r)
				})
			})
		})
		i.do(func() {
			wantUnset(t, s, 0)
			wantCurrent(t, nil)
		})
		close(i)
	}
}
