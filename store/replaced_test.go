// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"context"
	"runtime/pprof"
	"slices"
	"testing"

	"github.com/asynclocal/asynclocal/store"
)

// setLabels labels the calling goroutine as a profiler does that knows nothing of contexts.
func setLabels(labels ...string) {
	pprof.SetGoroutineLabels(pprof.WithLabels(context.Background(), pprof.Labels(labels...)))
}

// usersLabels returns the labels of the calling goroutine that are not ours, as a pprof.Do with
// a ctx of ours hands them on.
func usersLabels() (list []string) {
	pprof.ForLabels(store.Context(), func(k, v string) bool {
		if k != "request" {
			list = append(list, k+"="+v)
		}
		return true
	})
	return list
}

// Each is a point at which the package has the goroutine in its hands again.
func TestWhatLabelsHaveTakenAwayIsBackWhereARunReturns(t *testing.T) {
	t.Parallel()
	ambientOnly(t)
	tenant, other := store.New("tenant", ""), store.New("other", 0)
	for name, run := range map[string]func(f func()){
		"Run":              func(f func()) { other.Run(1, f) },
		"Call":             func(f func()) { store.Call(other, 1, func() bool { f(); return true }) },
		"Exit":             store.Exit,
		"Exit of one":      tenant.Exit,
		"RunContext":       func(f func()) { store.RunContext(context.Background(), func(context.Context) { f() }) },
		"a bound function": func(f func()) { store.Bind(f)() },
		"a Resource":       func(f func()) { store.NewResource("r").Run(f) },
		"a request inside": func(f func()) {
			store.NewRequest("").Run(context.Background(), func(context.Context) { f() })
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := store.NewRequest("")
			r.Run(t.Context(), func(context.Context) {
				tenant.Run("acme", func() {
					run(func() { setLabels("span", "s") })
					got, _ := store.Current()
					if got != r || tenant.Get() != "acme" {
						t.Errorf("after it the request is %q, the tenant %q", got.ID(), tenant.Get())
					}
					if l := usersLabels(); !slices.Equal(l, []string{"span=s"}) {
						t.Errorf("after it the labels are %q", l)
					}
				})
			})
			if _, ok := store.Current(); ok {
				t.Error("after the request there is one")
			}
		})
	}
}

func TestLabelsThatAFunctionChangesStayChanged(t *testing.T) {
	t.Parallel()
	ambientOnly(t)
	tenant := store.New("tenant", "")
	for _, tt := range []struct {
		name          string
		before, after []string
		f             func()
	}{
		{"none are set", []string{"a=1"}, []string{"a=1"}, func() {}},
		{"others are set", []string{"a=1"}, []string{"b=2"}, func() { setLabels("b", "2") }},
		{"all are taken away", []string{"a=1"}, nil, func() { pprof.SetGoroutineLabels(context.Background()) }},
		{"one is added", []string{"a=1"}, []string{"a=1", "b=2"}, func() {
			pprof.SetGoroutineLabels(pprof.WithLabels(store.Context(), pprof.Labels("b", "2")))
		}},
		{"one is added for a while", []string{"a=1"}, []string{"a=1"}, func() {
			pprof.Do(store.Context(), pprof.Labels("b", "2"), func(context.Context) {})
		}},
		{"what is entered has none", []string{"a=1"}, []string{"a=1"}, func() { tenant.EnterWith("globex") }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			await(func() {
				setLabels("a", "1")
				tenant.Run("acme", func() {
					tenant.Run("globex", tt.f)
					if l := usersLabels(); !slices.Equal(l, tt.after) || tenant.Get() != "acme" {
						t.Errorf("after the inner Run the labels are %q, want %q, the tenant %q", l, tt.after, tenant.Get())
					}
				})
				if tenant.Get() != "" {
					t.Errorf("after the outer Run the tenant is %q", tenant.Get())
				}
			})
		})
	}
}
