// SPDX-License-Identifier: Apache-2.0

package coretest_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime/pprof"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"go.uber.org/zap"

	"github.com/asynclocal/asynclocal/jobs"
	"github.com/asynclocal/asynclocal/logging"
	"github.com/asynclocal/asynclocal/middleware"
	"github.com/asynclocal/asynclocal/middleware/nethttp"
	"github.com/asynclocal/asynclocal/store"
	"github.com/asynclocal/asynclocal/tracing"
)

// linger is short, and long enough for a request to end before it expires.
const linger = 20 * time.Millisecond

type ctxKey struct{}

// errand is what a request does. It calls inherit, once, where a goroutine is started
// that lives on.
type errand struct {
	name string
	run  func(inherit func())
}

func request() *store.Request {
	r := store.NewRequest("")
	r.SetName("GET /orders/:id")
	r.SetLinger(linger)
	return r
}

func deepen(s *store.Storage[int], depth int, f func()) {
	if depth == 0 {
		f()
		return
	}
	s.Run(depth, func() { deepen(s, depth-1, f) })
}

func errands() []errand {
	big := store.New[*[64 << 10]byte]("big", nil)
	number := store.New("number", 0)
	tp := provider()
	dropping := provider(sdktrace.WithSampler(sdktrace.NeverSample()))
	tracer := tp.Tracer("test")
	heavy := func() context.Context { return context.WithValue(bg(), ctxKey{}, new([10 << 10]byte)) }
	run := func(f func(ctx context.Context)) { request().Run(bg(), f) }
	list := []errand{
		{"nothing", func(inherit func()) { run(func(context.Context) { inherit() }) }},
		{"a ctx with a large value", func(inherit func()) {
			request().Run(heavy(), func(context.Context) { inherit() })
		}},
		{"a Run of a large value", func(inherit func()) {
			run(func(context.Context) { big.Run(new([64 << 10]byte), inherit) })
		}},
		{"a Run of a large value around it", func(inherit func()) {
			big.Run(new([64 << 10]byte), func() { run(func(context.Context) { inherit() }) })
		}},
		{"ten Runs inside each other", func(inherit func()) {
			run(func(context.Context) { deepen(number, 10, inherit) })
		}},
		{"an EnterWith of a large value", func(inherit func()) {
			run(func(context.Context) { big.EnterWith(new([64 << 10]byte)); inherit() })
		}},
		{"a RunContext of a large value", func(inherit func()) {
			run(func(ctx context.Context) {
				store.RunContext(big.With(context.WithValue(ctx, ctxKey{}, new([10 << 10]byte)), new([64 << 10]byte)), func(context.Context) { inherit() })
			})
		}},
		{"bound work", func(inherit func()) {
			run(func(context.Context) { big.Run(new([64 << 10]byte), func() { store.Bind(inherit)() }) })
		}},
		{"many fields", func(inherit func()) {
			run(func(context.Context) {
				for i := range 20 {
					logging.Add(zap.String(fmt.Sprint("field", i), strings.Repeat("x", 100)))
				}
				inherit()
			})
		}},
		{"a span", func(inherit func()) {
			run(func(ctx context.Context) {
				_, s := tracer.Start(ctx, "span")
				defer s.End()
				inherit()
			})
		}},
		{"a span of a large value", func(inherit func()) {
			run(func(context.Context) {
				big.Run(new([64 << 10]byte), func() {
					_, s := tracer.Start(context.WithValue(store.Context(), ctxKey{}, new([10 << 10]byte)), "span")
					defer s.End()
					inherit()
				})
			})
		}},
		{"a Run in a span", func(inherit func()) {
			run(func(ctx context.Context) {
				_, s := tracer.Start(ctx, "span")
				defer s.End()
				big.Run(new([64 << 10]byte), inherit)
			})
		}},
		{"a RunContext of a span's ctx", func(inherit func()) {
			run(func(ctx context.Context) {
				ctx, s := tracer.Start(ctx, "span")
				defer s.End()
				store.RunContext(ctx, func(context.Context) { inherit() })
			})
		}},
		{"a request in a span", func(inherit func()) {
			ctx, s := tracer.Start(heavy(), "span")
			defer s.End()
			request().Run(ctx, func(context.Context) { inherit() })
		}},
		{"ten spans inside each other", func(inherit func()) {
			run(func(ctx context.Context) {
				var spans []trace.Span
				for range 10 {
					_, s := tracer.Start(store.Context(), "span")
					spans = append(spans, s)
				}
				inherit()
				for _, s := range slices.Backward(spans) {
					s.End()
				}
			})
		}},
		{"spans that do not end", func(inherit func()) {
			run(func(ctx context.Context) {
				for range 10 {
					tracer.Start(store.Context(), "span")
				}
				inherit()
			})
		}},
		{"a job", func(inherit func()) {
			_ = jobs.Run(heavy(), nil, "job", func(context.Context) error { inherit(); return nil },
				jobs.WithLinger(linger), jobs.WithTracerProvider(tp))
		}},
	}
	for name, tp := range map[string]trace.TracerProvider{"sampled": tp, "unsampled": dropping} {
		list = append(list, served(name, tp)...)
	}
	for name, deep := range depths(tracer) {
		list = append(list, errand{name + ", in a request", func(inherit func()) { run(func(context.Context) { deep(inherit) }) }})
		list = append(list, errand{name + ", in a server's", func(inherit func()) { serving(tp, func() { deep(inherit) }) }})
		list = append(list, errand{name + ", in a server's that is labelled", func(inherit func()) {
			inLabels(bg(), func() { serving(tp, func() { deep(inherit) }) })
		}})
	}
	return list
}

// serving calls f in a request with a span of its own.
func serving(tp trace.TracerProvider, f func()) {
	r := request()
	ctx, s := tracing.StartRequest(bg(), tp.Tracer("server"), r, "GET /orders/:id")
	defer s.End()
	r.Run(ctx, func(context.Context) { f() })
}

// inLabels calls f with labels of the user's, which those who set them hold anyway.
func inLabels(ctx context.Context, f func()) {
	pprof.Do(ctx, pprof.Labels("service", "orders", "span", "17"), func(context.Context) { f() })
}

// depths are where in a request a goroutine may be started, with frames or spans before it.
func depths(tracer trace.Tracer) map[string]func(inherit func()) {
	number := store.New("number", 0)
	within := func(f func()) {
		_, s := tracer.Start(bg(), "inside")
		defer s.End()
		f()
	}
	return map[string]func(inherit func()){
		"a Run in a span":               func(inherit func()) { within(func() { number.Run(1, inherit) }) },
		"a Run in a Run in a span":      func(inherit func()) { within(func() { deepen(number, 2, inherit) }) },
		"bound work in a span":          func(inherit func()) { within(func() { store.Bind(inherit)() }) },
		"a Run in bound work in a span": func(inherit func()) { within(func() { store.Bind(func() { number.Run(1, inherit) })() }) },
		"a span in bound work in a span": func(inherit func()) {
			within(func() { store.Bind(func() { within(inherit) })() })
		},
		"a hundred spans that bound work has": func(inherit func()) {
			for range 100 {
				within(func() { store.Capture() })
			}
			inherit()
		},
		"a span after a hundred": func(inherit func()) {
			for range 100 {
				within(func() { store.Capture() })
			}
			within(func() { store.Capture(); inherit() })
		},
		"labels": func(inherit func()) {
			inLabels(store.Context(), inherit)
		},
		"a Run in labels": func(inherit func()) {
			inLabels(store.Context(), func() { number.Run(1, inherit) })
		},
		"a Run in a span in labels": func(inherit func()) {
			inLabels(store.Context(), func() { within(func() { number.Run(1, inherit) }) })
		},
	}
}

// served are requests through the middleware, with a response and ctx values that
// are large.
func served(name string, tp trace.TracerProvider) []errand {
	n, e := nethttp.New(nethttp.WithTracerProvider(tp)), echo.New()
	inherits := func(w http.ResponseWriter) {
		r, _ := store.Current()
		r.SetLinger(linger)
		w.Header().Set("X-Large", strings.Repeat("x", 10<<10))
		_, _ = w.Write(make([]byte, 10<<10))
		w.(interface{ Unwrap() http.ResponseWriter }).Unwrap().(*response).inherit()
	}
	e.Use(middleware.New(middleware.WithTracerProvider(tp)))
	e.GET("/orders/:id", func(c echo.Context) error { inherits(c.Response().Writer); return nil })
	plain := n(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { inherits(w) }))
	serve := func(h http.Handler) func(inherit func()) {
		return func(inherit func()) {
			ctx := context.WithValue(bg(), ctxKey{}, new([10 << 10]byte))
			r := httptest.NewRequestWithContext(ctx, http.MethodGet, "/orders/17", http.NoBody)
			h.ServeHTTP(&response{httptest.NewRecorder(), inherit}, r)
		}
	}
	return []errand{{"net/http, " + name, serve(plain)}, {"Echo, " + name, serve(e)}}
}

// response is a ResponseWriter that the handler of a test finds what to do in.
type response struct {
	*httptest.ResponseRecorder
	inherit func()
}

// patience is for as long as something may take that has a time.
const patience = 5 * time.Second

// heldBy returns what n goroutines that run starts cost each, at last: it waits until
// that is at most want, or for so long.
func heldBy(n int, want int64, run func(inherit func()), patience time.Duration) (each int64) {
	stop := make(chan struct{})
	defer close(stop)
	before := heapInUse()
	for range n {
		run(func() { go func() { <-stop }() })
	}
	for deadline := time.Now().Add(patience); ; time.Sleep(linger) {
		each = (heapInUse() - before) / int64(n)
		if each <= want || time.Now().After(deadline) {
			return each
		}
	}
}

// held bounds what an inheritor holds: a frame or two, a span's record and what says that the
// request is over. What the request did does not count.
const held = 512

// mostHeld is held but for what has more frames. A Run in a span of the request's is a frame
// that leads to the span's record, which is in one allocation with another frame, and to the
// request's end, which is so too: to have them apart takes an allocation for each request.
// Labels of the user's take room in each frame.
func mostHeld(name string) int64 {
	switch {
	case strings.Contains(name, "label"):
		return 2 * held
	case strings.HasPrefix(name, "a Run in a span"), strings.HasPrefix(name, "a Run in a Run in a span"):
		return held + 192
	}
	return held
}

// It measures the process, so it is not parallel.
func TestAfterExpiryAnInheritorHoldsLittleOfARequest(t *testing.T) {
	ambientOnly(t)
	n, spread := 2000, int64(32) // what a goroutine alone takes differs by that from run to run
	if testing.Short() || raceEnabled {
		n, spread = 200, 128 // and what is there once is counted in each
	}
	goroutine := func(in func(inherit func())) int64 {
		heldBy(n, 0, in, time.Second)
		return heldBy(n, 0, in, time.Second)
	}
	plain := goroutine(func(inherit func()) { inherit() })
	crowded := goroutine(func(inherit func()) { inLabels(bg(), inherit) })
	for _, e := range errands() {
		t.Run(e.name, func(t *testing.T) {
			alone := plain
			if strings.Contains(e.name, "label") {
				alone = crowded
			}
			heldBy(10, 1<<30, e.run, patience) // what the first request makes for good
			most := mostHeld(e.name) + spread
			got := heldBy(n, alone+most, e.run, patience) - alone
			if got > most {
				t.Errorf("%d bytes are held, want at most %d", got, most)
			}
			t.Logf("%d bytes, beside %d of a goroutine", got, alone)
		})
	}
}
