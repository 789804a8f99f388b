// SPDX-License-Identifier: Apache-2.0

package frame

import (
	"runtime"
	"sync"
	"testing"

	"github.com/asynclocal/asynclocal/internal/ambient"
	"github.com/asynclocal/asynclocal/internal/bindings"
)

// opened returns a request that is open on the calling goroutine.
func opened(t *testing.T) *Request {
	t.Helper()
	s := new(Request)
	slot, _ := s.Open(t.Context(), ambient.Get())
	ambient.Set(slot)
	return s
}

func TestFramesOfManyNestedRunsShareBlocksAndAreAllClearedAtOnce(t *testing.T) {
	t.Parallel()
	onlyAmbient(t)
	clean(t, func() {
		s := opened(t)
		var k bindings.Key
		bindings.InitKey[int](&k, "k")
		outer := ambient.Get()
		frames := make([]*Frame, 10*blockSize)
		for i := range frames {
			ambient.Set(With(outer, &k, i))
			frames[i] = ambient.Current[Payload]()
		}
		for i, f := range frames {
			if h := f.Payload.Values().Find(&k); h == nil || *bindings.ValueOf[int](h) != i {
				t.Errorf("frame %d has another's value", i)
			}
		}
		if got, want := len(*s.blocks), len(frames)/blockSize; got != want {
			t.Errorf("%d blocks for %d frames, want %d", got, len(frames), want)
		}
		s.SetLinger(0)
		s.Life().End()
		for i, f := range frames {
			if f.Payload.Values() != nil || f.Payload.cell.load() != nil {
				t.Errorf("frame %d still leads to its values", i)
			}
		}
		ambient.Set(ambient.Slot{})
	})
}

func TestAFrameThatIsMadeJustAsItsRequestExpiresHoldsNothing(t *testing.T) {
	t.Parallel()
	onlyAmbient(t)
	clean(t, func() {
		s := opened(t)
		s.SetLinger(0)
		late := read(ambient.Get())
		early := read(late.nested(new(bindings.Map)))
		s.Life().End()
		for name, st := range map[string]*state{"the request's frame": &late, "one nested in it": &early} {
			v := new(bindings.Map)
			f := ambient.Of[Payload](st.nested(v))
			if f.Payload.cell.load() == v || f.Payload.Values() != nil {
				t.Errorf("over %s a new one leads to its values", name)
			}
		}
		if nothing.load() != nil {
			t.Error("something was stored for all")
		}
		ambient.Set(ambient.Slot{})
	})
}

func TestARequestForgetsTheBlocksOfRunsThatAreOver(t *testing.T) {
	t.Parallel()
	onlyAmbient(t)
	clean(t, func() {
		s := opened(t)
		var k bindings.Key
		bindings.InitKey[int](&k, "k")
		outer := ambient.Get()
		for range 20 {
			for i := range 1000 {
				With(outer, &k, i)
			}
			runtime.GC()
		}
		if got := len(*s.blocks); got > 2000 {
			t.Errorf("%d blocks after 20 cycles of 250", got)
		}
		s.Life().End()
		ambient.Set(ambient.Slot{})
	})
}

func TestFramesMadeWhileTheRequestExpiresReadTheirOwnValueOrNone(t *testing.T) {
	t.Parallel()
	onlyAmbient(t)
	for range 200 {
		clean(t, func() {
			s := opened(t)
			s.SetLinger(0)
			var k bindings.Key
			bindings.InitKey[int](&k, "k")
			var wg sync.WaitGroup
			for i := range 3 {
				wg.Go(func() {
					for range 20 {
						outer := ambient.Get()
						ambient.Set(With(outer, &k, i))
						if h := Current().Find(&k); h != nil && *bindings.ValueOf[int](h) != i {
							t.Errorf("a frame has the value %d, want %d or none", *bindings.ValueOf[int](h), i)
						}
						ambient.Set(outer)
					}
				})
			}
			s.Life().End()
			wg.Wait()
			ambient.Set(ambient.Slot{})
		})
	}
}
