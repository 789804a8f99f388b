// SPDX-License-Identifier: Apache-2.0

package coretest_test

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"runtime"
	"runtime/pprof"
	"testing"
	"time"
	"weak"

	"github.com/labstack/echo/v4"

	"github.com/asynclocal/asynclocal/middleware"
	"github.com/asynclocal/asynclocal/middleware/nethttp"
	"github.com/asynclocal/asynclocal/store"
)

// heavy is big enough for an allocation of its own.
type heavy [64 << 10]byte

// heavyContext returns a ctx with a heavy value in its chain.
func heavyContext() (context.Context, weak.Pointer[heavy]) {
	v := new(heavy)
	return context.WithValue(bg(), ctxKey{}, v), weak.Make(v)
}

// lives starts a goroutine that inherits what is set, and lives until stop.
func lives(stop chan struct{}) { go func() { <-stop }() }

func living(all []weak.Pointer[heavy]) (n int) {
	for _, w := range all {
		if w.Value() != nil {
			n++
		}
	}
	return n
}

// One goroutine in 32 lives on in its request. The other 31 requests are gone with
// the first collection, with all that their ctx has. Not parallel: no other collection
// is to come between.
func TestAnInheritorHoldsNoOtherRequestNotEvenUntilTheNextCollection(t *testing.T) {
	ambientOnly(t)
	for _, storage := range []bool{false, true} {
		s := store.New[*heavy]("s", nil)
		stop := make(chan struct{})
		var others []weak.Pointer[heavy]
		await(func() {
			for i := range 640 {
				ctx, w := heavyContext()
				if storage {
					v := new(heavy)
					ctx, w = s.With(bg(), v), weak.Make(v)
				}
				store.NewRequest("").Run(ctx, func(context.Context) {
					if i%32 == 7 {
						lives(stop)
					} else {
						others = append(others, w)
					}
				})
			}
		})
		runtime.GC()
		// A goroutine that has just ended may still have something in a register.
		if n := living(others); n > 2 {
			t.Errorf("a Storage %v: of %d requests that have ended without an inheritor %d are held", storage, len(others), n)
		}
		close(stop)
	}
}

// endings are the ways in which something heavy hangs on what a request was run with.
var endings = map[string]func(inherit func()) weak.Pointer[heavy]{
	"a value of the ctx": func(inherit func()) weak.Pointer[heavy] {
		ctx, w := heavyContext()
		store.NewRequest("").Run(ctx, func(context.Context) { inherit() })
		return w
	},
	"a value of the ctx, with a Run inside": func(inherit func()) weak.Pointer[heavy] {
		ctx, w := heavyContext()
		store.NewRequest("").Run(ctx, func(context.Context) { store.New("s", 0).Run(1, inherit) })
		return w
	},
	"a value of the ctx, with a span inside": func(inherit func()) weak.Pointer[heavy] {
		ctx, w := heavyContext()
		store.NewRequest("").Run(ctx, func(ctx context.Context) {
			_, s := provider().Tracer("test").Start(ctx, "span")
			defer s.End()
			inherit()
		})
		return w
	},
	"a value of a span's ctx": func(inherit func()) weak.Pointer[heavy] {
		ctx, w := heavyContext()
		ctx, s := provider().Tracer("test").Start(ctx, "span")
		defer s.End()
		store.NewRequest("").Run(ctx, func(context.Context) { inherit() })
		return w
	},
	"a value of a RunContext's ctx": func(inherit func()) weak.Pointer[heavy] {
		v := new(heavy)
		store.NewRequest("").Run(bg(), func(ctx context.Context) {
			store.RunContext(context.WithValue(ctx, ctxKey{}, v), func(context.Context) { inherit() })
		})
		return weak.Make(v)
	},
	"an http.Request's body": func(inherit func()) weak.Pointer[heavy] {
		v := new(heavy)
		w := weak.Make(v)
		h := nethttp.New(nethttp.WithTracerProvider(provider()))(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { inherit() }))
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(v[:])))
		return w
	},
	"a response of net/http": func(inherit func()) weak.Pointer[heavy] {
		w, out := heavyResponse(inherit)
		h := nethttp.New(nethttp.WithTracerProvider(provider()))(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { inherit() }))
		h.ServeHTTP(out, httptest.NewRequest(http.MethodGet, "/", http.NoBody))
		return w
	},
	"a response of Echo": func(inherit func()) weak.Pointer[heavy] {
		w, out := heavyResponse(inherit)
		e := echo.New()
		e.Use(middleware.New(middleware.WithTracerProvider(provider())))
		e.GET("/", func(echo.Context) error { inherit(); return nil })
		e.ServeHTTP(out, httptest.NewRequest(http.MethodGet, "/", http.NoBody))
		return w
	},
}

type heavyWriter struct {
	response
	v *heavy
}

func heavyResponse(inherit func()) (weak.Pointer[heavy], http.ResponseWriter) {
	v := new(heavy)
	return weak.Make(v), &heavyWriter{response{httptest.NewRecorder(), inherit}, v}
}

// wantGone runs collections until w is collected: one is enough where nothing holds
// it, the others are for what still runs.
func wantGone(t *testing.T, what string, w weak.Pointer[heavy]) {
	t.Helper()
	for range 20 {
		if w.Value() == nil {
			return
		}
		runtime.GC()
		runtime.Gosched()
	}
	t.Errorf("%s is still held", what)
}

func TestWhatARequestWasRunWithIsCollectableAtItsEndThoughAnInheritorLives(t *testing.T) {
	t.Parallel()
	ambientOnly(t)
	for name, end := range endings {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			stop := make(chan struct{})
			defer close(stop)
			var w weak.Pointer[heavy]
			await(func() { w = end(func() { lives(stop) }) })
			wantGone(t, name, w)
		})
	}
}

// Not parallel: there is one CPU profile in a process.
func TestWhatARequestWasRunWithIsCollectableAtItsEndThoughItWasProfiled(t *testing.T) {
	ambientOnly(t)
	if err := pprof.StartCPUProfile(new(bytes.Buffer)); err != nil {
		t.Skip(err) // the test command takes one
	}
	defer pprof.StopCPUProfile()
	for name, end := range endings {
		var all []weak.Pointer[heavy]
		await(func() {
			for range 10 {
				all = append(all, end(func() { burn(30 * time.Millisecond) }))
			}
		})
		runtime.GC()
		runtime.GC()
		if n := living(all); n > 1 {
			t.Errorf("%s: of 10 that were sampled %d are held", name, n)
		}
	}
}

// burn keeps a goroutine busy, for the profiler to see it.
func burn(d time.Duration) {
	for start := time.Now(); time.Since(start) < d; {
		for i := range 1000 {
			sink += i
		}
	}
}

var sink int

// What a Storage has is read until the linger, what was bound for as long as it is.
func TestStoragesStayUntilTheLingerAndBoundWorkKeepsAll(t *testing.T) {
	t.Parallel()
	ambientOnly(t)
	s := store.New("s", 0)
	ctx, w := heavyContext()
	proceed, read := make(chan struct{}), make(chan int, 4)
	var bound func()
	var snapshot store.Snapshot
	r := store.NewRequest("")
	r.Run(ctx, func(context.Context) {
		s.Run(7, func() {
			look := func() { <-proceed; read <- s.Get() }
			go look()
			store.Go(look)
			bound, snapshot = store.Bind(func() { read <- s.Get() }), store.Capture()
		})
	})
	for range 3 {
		runtime.GC()
	}
	if w.Value() == nil {
		t.Error("what bound work may ask its ctx for has been collected")
	}
	if !r.Ended() {
		t.Error("the request has not ended")
	}
	close(proceed)
	bound()
	snapshot.Run(func() {
		read <- s.Get()
		if store.Context().Value(ctxKey{}) == nil {
			t.Error("a Snapshot has lost its ctx")
		}
	})
	for range 4 {
		if got := <-read; got != 7 {
			t.Errorf("read %d, want 7", got)
		}
	}
}
