// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"context"
	"os"
	"regexp"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"strings"
	"sync"
	"testing"

	"github.com/asynclocal/asynclocal/store"
)

// witness is a value that knows whether it is one: what a wrong address leads to
// does not pass.
type witness struct {
	id, complement int
	name           string
}

func newWitness(id int) witness {
	return witness{id, ^id, strings.Repeat("witness", id)}
}

func (w witness) sound() bool { return w == newWitness(w.id) }

// change is what a user's code does with a string of a label that it copies. other
// is the same string of another goroutine's label.
type change struct {
	name  string
	apply func(s, other string) string
}

var changes = []change{
	{"as it is", func(s, _ string) string { return s }},
	{"upper-cased", func(s, _ string) string { return strings.ToUpper(s) }},
	{"cloned", func(s, _ string) string { return strings.Clone(s) }},
	{"cut at the front", func(s, _ string) string { return s[min(1, len(s)):] }},
	{"cut in the middle", func(s, _ string) string { return s[len(s)/2:] }},
	{"cut at the end", func(s, _ string) string { return s[:max(0, len(s)-1)] }},
	{"cut at both ends", func(s, _ string) string { return s[len(s)/3 : len(s)-len(s)/3] }},
	{"the first byte", func(s, _ string) string { return s[:min(1, len(s))] }},
	{"nothing of it", func(s, _ string) string { return s[:0] }},
	{"a constant", func(string, string) string { return "constant" }},
	{"empty", func(string, string) string { return "" }},
	{"longer", func(s, _ string) string { return s + s }},
	{"part of a longer one", func(s, _ string) string { return strings.Repeat(s+"\x00", 64)[20:] }},
	{"another goroutine's", func(_, other string) string { return other }},
}

// copied returns the labels of ctx changed by key and value, or swapped where
// that is asked for.
func copied(ctx, other context.Context, key, value change, swap bool) pprof.LabelSet {
	others := map[string]string{}
	keys := map[string]string{}
	pprof.ForLabels(other, func(k, v string) bool { others[k], keys[k] = v, k; return true })
	var list []string
	pprof.ForLabels(ctx, func(k, v string) bool {
		a, b := key.apply(k, keys[k]), value.apply(v, others[k])
		if swap {
			a, b = b, a
		}
		list = append(list, a, b)
		return true
	})
	return pprof.Labels(list...)
}

// household is what the tests of copied labels read: a Storage and two requests
// that it is set in.
type household struct {
	s       *store.Storage[witness]
	r, r2   *store.Request
	problem func(format string, args ...any)
}

// read reads, changes and profiles whatever the goroutine's labels lead to. It may
// be nothing, or the whole and unhurt context of one of the two requests.
func (h *household) read(where string) {
	if w, ok := h.s.GetStore(); ok != (w != witness{}) || ok && !w.sound() {
		h.problem("%s: read %v, %v", where, w, ok)
	}
	r, ok := store.Current()
	if ok != (r != nil) || ok && r != h.r && r != h.r2 {
		h.problem("%s: another request was read", where)
	}
	if w, ok := h.s.From(store.Context()); ok && !w.sound() {
		h.problem("%s: From read %v", where, w)
	}
	got, ok := h.s.From(context.Background())
	if want, wantOK := h.s.GetStore(); got != want || ok != wantOK {
		h.problem("%s: From reads %v, %v and GetStore %v, %v", where, got, ok, want, wantOK)
	}
}

// use is what programs do with a context.
func (h *household) use(where string) {
	h.read(where)
	store.Capture().Run(func() { h.read(where + ", in a Snapshot") })
	h.s.Run(newWitness(3), func() {
		if w, ok := h.s.GetStore(); !ok || w != newWitness(3) {
			h.problem("%s: a Run reads %v, %v", where, w, ok)
		}
		await(func() { h.read(where + ", in a child of a Run") })
	})
	h.s.Exit(func() {})
	store.Exit(func() {
		if _, ok := h.s.GetStore(); ok {
			h.problem("%s: Exit keeps a value", where)
		}
	})
	h.s.EnterWith(newWitness(4))()
	inner := store.NewRequest("inner")
	inner.Run(context.Background(), func(context.Context) {
		wantInner, _ := store.Current()
		if wantInner != inner {
			h.problem("%s: a Request's Run reads another", where)
		}
	})
	store.RunContext(store.Context(), func(context.Context) { h.read(where + ", in RunContext") })
	await(func() { h.read(where + ", in a child") })
	h.read(where + ", after all")
}

// live runs f in the context of request r, whose Storage is set to number, with a
// ctx that carries the labels.
func (h *household) live(r *store.Request, number int, f func(ctx context.Context)) {
	r.Run(context.Background(), func(context.Context) {
		h.s.Run(newWitness(number), func() { f(store.Context()) })
	})
}

// try installs the changed labels in each way and place that there is.
func (h *household) try(where string, key, value change, swap, thorough bool) {
	var kept pprof.LabelSet
	h.live(h.r2, 2, func(other context.Context) {
		h.live(h.r, 1, func(ctx context.Context) {
			set := copied(ctx, other, key, value, swap)
			kept = set
			pprof.Do(context.Background(), set, func(context.Context) { h.use(where + ", by Do") })
			pprof.Do(ctx, set, func(context.Context) { h.use(where + ", by Do over the request's") })
			h.s.Run(newWitness(5), func() {
				pprof.SetGoroutineLabels(pprof.WithLabels(context.Background(), set))
				h.use(where + ", by SetGoroutineLabels")
				pprof.SetGoroutineLabels(context.Background()) // or they would stay
			})
			await(func() {
				pprof.Do(context.Background(), set, func(context.Context) { h.use(where + ", on another goroutine") })
			})
		})
	})
	if thorough {
		runtime.GC()
	}
	await(func() {
		pprof.Do(context.Background(), kept, func(context.Context) {
			h.use(where + ", after the end")
			if thorough {
				h.profile(where)
			}
		})
	})
}

func (h *household) profile(where string) {
	runtime.GC()
	for debug := range 3 {
		var text strings.Builder
		if err := pprof.Lookup("goroutine").WriteTo(&text, debug); err != nil || text.Len() == 0 {
			h.problem("%s: a goroutine profile: %v", where, err)
		}
	}
}

func newHousehold(name string, problem func(string, ...any)) *household {
	h := &household{store.New("s", witness{}), store.NewRequest("r"), store.NewRequest("r2"), problem}
	for _, r := range []*store.Request{h.r, h.r2} {
		r.SetName(name)
		r.LabelID()
	}
	return h
}

const foreignVariable = "STORE_TEST_FOREIGN"

// The program of the processes that the test below starts.
func TestForeign(t *testing.T) {
	value := os.Getenv(foreignVariable)
	if value == "" {
		t.Skip("this is a program of another test's")
	}
	for _, v := range changes {
		if v.name != value {
			continue
		}
		for _, name := range []string{"GET /orders/:id", "", strings.Repeat("long", 30)} {
			h := newHousehold(name, t.Errorf)
			for _, key := range changes {
				where := "the key " + key.name + ", the value " + v.name
				h.try(where, key, v, false, true)
				h.try(where+", swapped", key, v, true, true)
			}
		}
	}
}

var fatalLine = regexp.MustCompile(`(?m)^(fatal error|panic|unexpected fault|runtime: |SIG|checkptr|\[signal| +\w+_test\.go:).*$`)

func TestLabelsThatAUserCopiesAndChangesNeitherCrashNorMislead(t *testing.T) {
	t.Parallel()
	ambientOnly(t)
	for _, value := range changes {
		t.Run("the value "+value.name, func(t *testing.T) {
			t.Parallel()
			cmd := self(t.Context(), "-test.run=^TestForeign$")
			cmd.Env = append(os.Environ(), foreignVariable+"="+value.name)
			out, err := cmd.CombinedOutput()
			if err == nil {
				return
			}
			lines := fatalLine.FindAllString(string(out), 3)
			t.Errorf("%v:\n%s", err, strings.Join(lines, "\n"))
		})
	}
}

// FuzzLabelsThatAUserMakesOfOurs makes labels of arbitrary parts of a goroutine's.
// A fault is an error of the program's here, and not of the fuzzer's process.
func FuzzLabelsThatAUserMakesOfOurs(f *testing.F) {
	f.Add(byte(0), byte(0), byte(0), byte(0), byte(0), byte(0), "GET /", false)
	f.Add(byte(0), byte(3), byte(0), byte(1), byte(0), byte(0), "GET /orders/:id", false)
	f.Add(byte(0), byte(1), byte(0), byte(0), byte(2), byte(5), "", false)
	f.Add(byte(0), byte(13), byte(0), byte(10), byte(0), byte(0), strings.Repeat("n", 70), true)
	var mu sync.Mutex
	f.Fuzz(func(t *testing.T, key, value, keyFrom, keyTo, valueFrom, valueTo byte, name string, swap bool) {
		ambientOnly(t)
		mu.Lock()
		defer mu.Unlock()
		h := newHousehold(name, t.Errorf)
		k, v := slicing(key, keyFrom, keyTo), slicing(value, valueFrom, valueTo)
		await(func() {
			defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
			defer func() {
				if r := recover(); r != nil {
					pprof.SetGoroutineLabels(context.Background())
					t.Errorf("the key %s, the value %s: %v", k.name, v.name, r)
				}
			}()
			h.try("fuzzed", k, v, swap, false)
		})
	})
}

// slicing is a change followed by a cut at either end.
func slicing(which, from, to byte) change {
	c := changes[int(which)%len(changes)]
	return change{c.name, func(s, other string) string {
		s = c.apply(s, other)
		start := int(from) % (len(s) + 1)
		return s[start : len(s)-int(to)%(len(s)-start+1)]
	}}
}
