// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"bytes"
	"context"
	"regexp"
	"runtime/pprof"
	"strings"
	"sync"
	"testing"

	"github.com/asynclocal/asynclocal/store"
)

var profiling sync.Mutex

// labels returns the calling goroutine's labels as the goroutine profile has them,
// `"a":"1", "request":"-"`, and "" for none.
func labels(t testing.TB) string {
	t.Helper()
	profiling.Lock()
	defer profiling.Unlock()
	for record := range strings.SplitSeq(profileMyself(t), "\n\n") {
		if !strings.Contains(record, "store_test.profileMyself") {
			continue
		}
		if m := regexp.MustCompile(`# labels: \{(.*)\}`).FindStringSubmatch(record); m != nil {
			return strings.TrimSuffix(ofTheTests.ReplaceAllString(m[1], ""), ", ")
		}
		return ""
	}
	t.Fatal("the profile does not have the goroutine that took it")
	return ""
}

// ofTheTests are the labels that every goroutine has with the flag -labelled.
var ofTheTests = regexp.MustCompile(`"key\d+":"value\d+"(, )?`)

func profileMyself(t testing.TB) string {
	var buf bytes.Buffer
	if err := pprof.Lookup("goroutine").WriteTo(&buf, 1); err != nil {
		t.Fatal(err)
	}
	return buf.String()
}

func wantLabels(t testing.TB, want string) {
	t.Helper()
	if got := labels(t); got != want {
		t.Errorf("the goroutine's labels are {%s}, want {%s}", got, want)
	}
}

func TestARequestsNameIsTheProfilerLabelOfItsGoroutines(t *testing.T) {
	t.Parallel()
	ambientOnly(t)
	s := store.New("s", 0)
	r := store.NewRequest("id")
	r.SetName("GET /orders/:id")
	wantLabels(t, "")
	r.Run(t.Context(), func(ctx context.Context) {
		const want = `"request":"GET /orders/:id"`
		wantLabels(t, want)
		if got, ok := pprof.Label(ctx, "request"); got != "GET /orders/:id" || !ok {
			t.Errorf("pprof.Label of ctx = %q, %v", got, ok)
		}
		await(func() { wantLabels(t, want) })
		s.Run(1, func() { wantLabels(t, want) })
		bound := store.Bind(func() { wantLabels(t, want) })
		store.Exit(func() {
			wantLabels(t, "")
			bound()
		})
	})
	wantLabels(t, "")
}

func TestSetNameShowsAtOnceOnTheCallingGoroutine(t *testing.T) {
	t.Parallel()
	ambientOnly(t)
	s := store.New("s", 0)
	r := store.NewRequest("id")
	r.Run(t.Context(), func(context.Context) {
		wantLabels(t, `"request":"-"`)
		r.SetName("a")
		wantLabels(t, `"request":"a"`)
		wantCurrent(t, r)
		s.Run(1, func() {
			r.SetName("b")
			wantLabels(t, `"request":"b"`)
			wantSet(t, s, 1)
			r.SetName(strings.Repeat("long", 30))
			wantLabels(t, `"request":"`+strings.Repeat("long", 15)+`l…"`)
			if len(r.Name()) != 120 {
				t.Errorf("Name() was cut too: %q", r.Name())
			}
		})
		r.SetName("")
		wantLabels(t, `"request":"-"`)
		await(func() {
			store.Exit(func() {
				r.SetName("c")
				wantLabels(t, "")
			})
		})
		s.Run(1, func() { wantLabels(t, `"request":"c"`) })
	})
}

func TestLabelIDMakesTheIDASecondLabel(t *testing.T) {
	t.Parallel()
	ambientOnly(t)
	r := store.NewRequest("abc-1")
	r.SetName("GET /")
	r.LabelID()
	r.Run(t.Context(), func(ctx context.Context) {
		const want = `"request":"GET /", "request_id":"abc-1"`
		wantLabels(t, want)
		pprof.Do(ctx, pprof.Labels("a", "1", "z", "2"), func(context.Context) {
			wantLabels(t, `"a":"1", `+want+`, "z":"2"`)
			wantCurrent(t, r)
			store.New("s", 0).Run(1, func() { wantLabels(t, `"a":"1", `+want+`, "z":"2"`) })
		})
		wantLabels(t, want)
	})
}

func TestTheUsersOwnLabelsSurviveARunAndAreBackAfterIt(t *testing.T) {
	t.Parallel()
	ambientOnly(t)
	s := store.New("s", 0)
	r := store.NewRequest("r")
	r.SetName("job")
	pprof.Do(t.Context(), pprof.Labels("a", "1", "z", "2"), func(ctx context.Context) {
		wantLabels(t, `"a":"1", "z":"2"`)
		var captured store.Snapshot
		s.Run(1, func() {
			wantLabels(t, `"a":"1", "request":"-", "z":"2"`)
			wantSet(t, s, 1)
			await(func() { wantLabels(t, `"a":"1", "request":"-", "z":"2"`) })
			captured = store.Capture()
			store.Exit(func() { wantLabels(t, `"a":"1", "z":"2"`) })
		})
		wantLabels(t, `"a":"1", "z":"2"`)
		r.Run(ctx, func(context.Context) { wantLabels(t, `"a":"1", "request":"job", "z":"2"`) })
		captured.Run(func() { wantLabels(t, `"a":"1", "request":"-", "z":"2"`) })
		wantLabels(t, `"a":"1", "z":"2"`)
	})
	wantLabels(t, "")
}

func TestPprofDoKeepsTheContextWhereCtxCarriesIt(t *testing.T) {
	t.Parallel()
	ambientOnly(t)
	s := store.New("s", 0)
	r := store.NewRequest("r")
	r.SetName("GET /")
	r.Run(t.Context(), func(ctx context.Context) {
		s.Run(1, func() {
			for name, ctx := range map[string]context.Context{
				"the request's":    ctx,
				"store.Context()":  store.Context(),
				"one derived":      context.WithValue(ctx, ctxKey("k"), 1),
				"Storage.With's":   s.With(ctx, 2),
				"Detach's":         store.Detach(ctx),
				"Snapshot.Context": store.Capture().Context(t.Context()),
			} {
				pprof.Do(ctx, pprof.Labels("z", "2"), func(ctx context.Context) {
					wantLabels(t, `"request":"GET /", "z":"2"`)
					wantCurrent(t, r)
					wantSet(t, s, 1)
					await(func() { wantCurrent(t, r) })
					pprof.Do(ctx, pprof.Labels("a", "1"), func(context.Context) {
						wantLabels(t, `"a":"1", "request":"GET /", "z":"2"`)
						wantSet(t, s, 1)
						s.Run(3, func() { wantSet(t, s, 3) })
					})
					wantLabels(t, `"request":"GET /", "z":"2"`)
				})
				wantLabels(t, `"request":"GET /"`)
				wantSet(t, s, 1)
				if t.Failed() {
					t.Fatalf("that was pprof.Do with %s context", name)
				}
			}
		})
		wantCurrent(t, r)
	})
}

// A frame is found among the user's labels by its alignment, which larger allocations
// do not have: a large value must not be in the frame's.
func TestPprofDoKeepsAValueOfWhateverSize(t *testing.T) {
	t.Parallel()
	ambientOnly(t)
	keeps(t, [1]byte{1})
	keeps(t, [255]byte{1})
	keeps(t, [256]byte{1})
	keeps(t, [257]byte{1})
	keeps(t, [300]byte{1})
	keeps(t, [1 << 10]byte{1})
	keeps(t, [64 << 10]byte{1})
}

func keeps[T comparable](t *testing.T, value T) {
	t.Helper()
	s := store.New("s", *new(T))
	check := func() {
		s.Run(value, func() {
			pprof.Do(store.Context(), pprof.Labels("a", "1", "z", "2"), func(context.Context) {
				if got, ok := s.GetStore(); got != value || !ok {
					t.Errorf("a %T is not found among labels of the user's", value)
				}
			})
		})
	}
	for range 10 { // objects of a span lie at different addresses
		check()
		store.NewRequest("r").Run(t.Context(), func(context.Context) { check() })
	}
}

func TestPprofDoTakesItsLabelsBackWhateverWasEnteredInside(t *testing.T) {
	t.Parallel()
	ambientOnly(t)
	s := store.New("s", 0)
	r := store.NewRequest("r")
	r.Run(t.Context(), func(ctx context.Context) {
		pprof.Do(ctx, pprof.Labels("a", "1"), func(context.Context) {
			s.EnterWith(1)
			r.SetName("named inside")
			wantLabels(t, `"a":"1", "request":"named inside"`)
		})
		wantLabels(t, `"request":"named inside"`)
		wantSet(t, s, 1)
	})
}

func TestPprofDoOnAGoroutineWithoutAContextBringsThatOfItsCtx(t *testing.T) {
	t.Parallel()
	ambientOnly(t)
	s := store.New("s", 0)
	r := store.NewRequest("r")
	r.SetName("GET /")
	pprof.Do(t.Context(), pprof.Labels("a", "1"), func(ctx context.Context) {
		r.Run(s.With(ctx, 1), func(ctx context.Context) {
			store.Exit(func() {
				await(func() {
					pprof.SetGoroutineLabels(context.Background())
					pprof.Do(ctx, pprof.Labels("z", "2"), func(context.Context) {
						wantLabels(t, `"a":"1", "request":"GET /", "z":"2"`)
						wantCurrent(t, r)
						wantSet(t, s, 1)
					})
				})
			})
		})
	})
}

// What a reader has to know about the slot, as the package documentation says it.
func TestPprofDoWithAContextThatCarriesNothingHidesTheContext(t *testing.T) {
	t.Parallel()
	ambientOnly(t)
	s := store.New("s", 0)
	s.Run(1, func() {
		s.Run(2, func() {
			pprof.Do(context.Background(), pprof.Labels("a", "1"), func(context.Context) { wantUnset(t, s, 0) })
			wantUnset(t, s, 0)
		})
		wantSet(t, s, 1)
	})
	store.NewRequest("r").Run(s.With(t.Context(), 1), func(ctx context.Context) {
		pprof.Do(ctx, pprof.Labels("request", "the user's own"), func(context.Context) { wantUnset(t, s, 0) })
		wantSet(t, s, 1)
	})
}
