// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/asynclocal/asynclocal/store"
)

// inheritor is a goroutine that inherited a context by a bare go statement and
// lives on. It runs what it is sent.
type inheritor chan func()

func inherit() inheritor {
	i := make(inheritor)
	go func() {
		for f := range i {
			f()
		}
	}()
	return i
}

func (i inheritor) do(f func()) {
	done := make(chan struct{})
	i <- func() { defer close(done); f() }
	<-done
}

const minute = time.Minute

func TestAnInheritorKeepsARequestUntilTheLingerAfterItsEnd(t *testing.T) {
	t.Parallel()
	ambientOnly(t)
	for _, tt := range []struct {
		name    string
		set     func(*store.Request)
		keeps   time.Duration // after the end it still does
		expires time.Duration // by then it does not, if not 0
	}{
		{"by default, five minutes", func(*store.Request) {}, 5*minute - 1, 5 * minute},
		{"as long as was set", func(r *store.Request) { r.SetLinger(time.Second) }, time.Second - 1, time.Second},
		{"longer than the default", func(r *store.Request) { r.SetLinger(time.Hour) }, time.Hour - 1, time.Hour},
		{"not at all", func(r *store.Request) { r.SetLinger(0) }, -1, 1},
		{"for good", func(r *store.Request) { r.SetLinger(store.Forever) }, 1000 * time.Hour, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := store.New("s", 0)
				r := store.NewRequest("r")
				tt.set(r)
				var direct, nested inheritor
				r.Run(s.With(t.Context(), 1), func(context.Context) {
					direct = inherit()
					s.Run(2, func() { nested = inherit() })
					time.Sleep(time.Hour) // while it runs nothing expires
					direct.do(func() { wantSet(t, s, 1); wantCurrent(t, r) })
				})
				defer close(direct)
				defer close(nested)
				if tt.keeps >= 0 {
					time.Sleep(tt.keeps)
					direct.do(func() { wantSet(t, s, 1); wantCurrent(t, r) })
					nested.do(func() { wantSet(t, s, 2); wantCurrent(t, r) })
				}
				if tt.expires == 0 {
					return
				}
				time.Sleep(tt.expires - tt.keeps)
				for _, i := range []inheritor{direct, nested} {
					i.do(func() {
						wantUnset(t, s, 0)
						wantCurrent(t, nil)
						if got := store.Context(); got != context.Background() {
							t.Errorf("Context() = %v, want context.Background()", got)
						}
						if _, ok := store.FromContext(store.Capture().Context(context.Background())); ok {
							wantFrom(store.Capture().Context(context.Background()), t, s, 0, false)
						}
					})
				}
			})
		})
	}
}

func TestAnInheritorOfAnExpiredRequestStartsAfresh(t *testing.T) {
	t.Parallel()
	ambientOnly(t)
	s, other := store.New("s", 0), store.New("other", 0)
	r := store.NewRequest("r")
	r.SetLinger(0)
	var i inheritor
	r.Run(s.With(t.Context(), 1), func(context.Context) { i = inherit() })
	defer close(i)
	i.do(func() {
		other.Run(2, func() {
			wantSet(t, other, 2)
			wantUnset(t, s, 0)
			wantCurrent(t, nil)
			wantLabels(t, `"request":"-"`)
		})
		wantUnset(t, other, 0)
		next := store.NewRequest("next")
		next.Run(s.With(t.Context(), 3), func(context.Context) {
			wantSet(t, s, 3)
			wantCurrent(t, next)
		})
		wantUnset(t, s, 0)
		s.EnterWith(4)
		wantSet(t, s, 4)
	})
}

func TestBoundWorkKeepsTheContextAsLongAsItWants(t *testing.T) {
	t.Parallel()
	ambientOnly(t)
	for name, start := range map[string]func(f func()){
		"Go":        store.Go,
		"Bind":      func(f func()) { store.Exit(func() { go f() }) },
		"AfterFunc": func(f func()) { store.AfterFunc(time.Hour, f) },
		"ContextAfterFunc": func(f func()) {
			ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
			_ = cancel
			store.ContextAfterFunc(ctx, f)
		},
		"Capture": func(f func()) {
			snapshot := store.Capture()
			go snapshot.Run(f)
		},
		"Resource": func(f func()) {
			resource := store.NewResource("r")
			go resource.Run(f)
		},
		"RunContext with the request's context": func(f func()) {
			ctx := store.Context()
			go store.RunContext(ctx, func(context.Context) { f() })
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := store.New("s", 0)
				r := store.NewRequest("r")
				r.SetLinger(minute)
				done := make(chan struct{})
				r.Run(t.Context(), func(context.Context) {
					s.Run(1, func() {
						work := func() {
							defer close(done)
							for range 10 {
								time.Sleep(time.Hour)
								wantSet(t, s, 1)
								wantCurrent(t, r)
							}
						}
						if name == "Bind" {
							work = store.Bind(work)
						}
						start(work)
					})
				})
				<-done
			})
		})
	}
}

func TestAnInheritorOfBoundWorkKeepsItUntilTheLingerAfterThat(t *testing.T) {
	t.Parallel()
	ambientOnly(t)
	synctest.Test(t, func(t *testing.T) {
		s := store.New("s", 0)
		r := store.NewRequest("r")
		r.SetLinger(minute)
		var i inheritor
		done := make(chan struct{})
		r.Run(s.With(context.Background(), 1), func(context.Context) {
			store.Go(func() {
				defer close(done)
				i = inherit()
				time.Sleep(time.Hour)
				i.do(func() { wantSet(t, s, 1) })
			})
		})
		<-done
		defer func() { close(i) }()
		time.Sleep(minute - 1)
		i.do(func() { wantSet(t, s, 1); wantCurrent(t, r) })
		time.Sleep(time.Nanosecond)
		i.do(func() { wantUnset(t, s, 0); wantCurrent(t, nil) })
	})
}

func TestAnInheritorOfBoundWorkThatEndedEarlyKeepsItAsLongAsTheRequest(t *testing.T) {
	t.Parallel()
	ambientOnly(t)
	synctest.Test(t, func(t *testing.T) {
		s := store.New("s", 0)
		r := store.NewRequest("r")
		r.SetLinger(minute)
		var i inheritor
		r.Run(s.With(context.Background(), 1), func(context.Context) {
			store.Bind(func() { i = inherit() })()
			time.Sleep(time.Hour)
			i.do(func() { wantSet(t, s, 1) })
		})
		defer close(i)
		time.Sleep(minute - 1)
		i.do(func() { wantSet(t, s, 1) })
		time.Sleep(time.Nanosecond)
		i.do(func() { wantUnset(t, s, 0) })
	})
}

func TestARequestsOwnContextKeepsWhatItCarriesAfterTheEnd(t *testing.T) {
	t.Parallel()
	s := store.New("s", 0)
	r := store.NewRequest("r")
	r.SetLinger(0)
	var kept context.Context
	r.Run(s.With(t.Context(), 1), func(ctx context.Context) { kept = ctx })
	wantFrom(kept, t, s, 1, true)
	if got, ok := store.CurrentFrom(kept); got != r || !ok || !got.Ended() {
		t.Errorf("CurrentFrom = %q, %v, ended %v; want the ended r", got.ID(), ok, got.Ended())
	}
}

func TestAPlainRunWithoutARequestHasNoEnd(t *testing.T) {
	t.Parallel()
	ambientOnly(t)
	synctest.Test(t, func(t *testing.T) {
		s := store.New("s", 0)
		var i inheritor
		s.Run(1, func() { i = inherit() })
		defer close(i)
		time.Sleep(10000 * time.Hour)
		i.do(func() { wantSet(t, s, 1) })
	})
}

func TestALingerSetWhileTheRequestRunsCounts(t *testing.T) {
	t.Parallel()
	ambientOnly(t)
	synctest.Test(t, func(t *testing.T) {
		r := store.NewRequest("r")
		var i inheritor
		r.Run(context.Background(), func(context.Context) {
			i = inherit()
			r.SetLinger(time.Second)
		})
		defer close(i)
		time.Sleep(time.Second)
		i.do(func() { wantCurrent(t, nil) })
	})
}

func TestWhatARequestHeldIsCollectableOnceItExpiredThoughAnInheritorLives(t *testing.T) {
	t.Parallel()
	ambientOnly(t)
	big := store.New[*payload]("big", nil)
	r := store.NewRequest("r")
	r.SetLinger(0)
	var i inheritor
	var carried, nested <-chan struct{}
	func() {
		p, c := newPayload()
		carried = c
		r.Run(big.With(t.Context(), p), func(context.Context) {
			p, c := newPayload()
			nested = c
			big.Run(p, func() { i = inherit() })
		})
	}()
	defer close(i)
	wantCollected(t, carried)
	wantCollected(t, nested)
}

// On the clock of the machine, where requests that end close to each other share a
// timer. Nothing is read after the end.
func TestWhatRequestsHeldIsReleasedWhenTheLingerIsOverThoughNothingIsRead(t *testing.T) {
	t.Parallel()
	ambientOnly(t)
	big := store.New[*payload]("big", nil)
	attached := store.NewAttachment(func(*store.Request) (a attachedPayload) {
		a.payload, a.collected = newPayload()
		return a
	})
	var inheritors []inheritor
	var collected []<-chan struct{}
	for _, linger := range []time.Duration{time.Millisecond, time.Millisecond, 40 * time.Millisecond} {
		r := store.NewRequest("r")
		r.SetLinger(linger)
		r.Run(t.Context(), func(context.Context) {
			p, c := newPayload()
			big.Run(p, func() { inheritors = append(inheritors, inherit()) })
			collected = append(collected, c, attached.Of(r).collected)
		})
	}
	for _, c := range collected {
		wantCollected(t, c)
	}
	for _, i := range inheritors {
		close(i)
	}
}

type attachedPayload struct {
	*payload
	collected <-chan struct{}
}
