// SPDX-License-Identifier: Apache-2.0

package tracing_test

import (
	"errors"
	"fmt"
	"runtime"
	"sync"
	"testing"

	"go.opentelemetry.io/otel/codes"

	"github.com/asynclocal/asynclocal"
	"github.com/asynclocal/asynclocal/tracing"
)

func TestDo(t *testing.T) {
	t.Parallel()
	needAmbient(t)
	broken := errors.New("broken")
	tests := []struct {
		name        string
		f           func() error
		err         error
		panics      any
		status      codes.Code
		description string
		errorType   string
		events      int
	}{
		{"returns", func() error { return nil }, nil, nil, codes.Unset, "", "", 0},
		{"fails", func() error { return broken }, broken, nil, codes.Error, "broken", "*errors.errorString", 1},
		{"fails with what it wraps", func() error { return fmt.Errorf("here: %w", broken) }, broken, nil, codes.Error, "here: broken", "*errors.errorString", 1},
		{"panics with a value", func() error { panic("oh") }, nil, "oh", codes.Error, "oh", "string", 1},
		{"panics with an error", func() error { panic(broken) }, nil, broken, codes.Error, "broken", "*errors.errorString", 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := record()
			_, parent := r.Start(bg(), "parent")
			defer parent.End()
			panicked, err := do(func() error {
				_, s := r.Start(bg(), "inside")
				s.End()
				return tt.f()
			})
			if !errors.Is(err, tt.err) || panicked != tt.panics {
				t.Errorf("returned %v, panicked with %v; want %v, %v", err, panicked, tt.err, tt.panics)
			}
			s := ended(t, r, "done")
			if s.Status().Code != tt.status || s.Status().Description != tt.description || len(s.Events()) != tt.events {
				t.Errorf("status %v, events %v", s.Status(), s.Events())
			}
			if got := attributes(s)["error.type"]; got != tt.errorType {
				t.Errorf("error.type = %q, want %q", got, tt.errorType)
			}
			if got := r.parents(); got["done"] != "parent" || got["inside"] != "done" {
				t.Errorf("parents: %v", got)
			}
			if scope := s.InstrumentationScope(); scope.Name != tracing.ScopeName || scope.Version != asynclocal.Version {
				t.Errorf("scope %v", scope)
			}
			if active() != parent.SpanContext().SpanID() {
				t.Error("its span is active after it")
			}
		})
	}
}

func do(f func() error) (panicked any, err error) {
	defer func() { panicked = recover() }()
	return nil, tracing.Do("done", f)
}

func TestDoEndsItsSpanOnGoexit(t *testing.T) {
	t.Parallel()
	needAmbient(t)
	r := record()
	_, parent := r.Start(bg(), "parent")
	defer parent.End()
	var wg sync.WaitGroup
	wg.Go(func() {
		_ = tracing.Do("done", func() error { runtime.Goexit(); return nil })
	})
	wg.Wait()
	if s := ended(t, r, "done"); s.Status().Code != codes.Unset || len(s.Events()) != 0 {
		t.Errorf("status %v, events %v", s.Status(), s.Events())
	}
}

func TestDoIsAmbientWhereItsProviderDoesNotActivate(t *testing.T) {
	t.Parallel()
	needAmbient(t)
	r := record()
	_, parent := r.Start(bg(), "parent")
	defer parent.End()
	inactive := tracing.Wrap(r.provider, tracing.WithoutActivation())
	ctx, s := inactive.Tracer("test").Start(bg(), "inactive")
	defer s.End()
	if active() != parent.SpanContext().SpanID() {
		t.Error("a span became active against WithoutActivation")
	}
	if _, child := r.Start(ctx, "child"); child != nil {
		child.End()
	}
	if got := r.parents()["child"]; got != "inactive" {
		t.Errorf("parent of what is started with its ctx: %q", got)
	}
	err := tracing.Do("outer", func() error {
		return tracing.Do("inner", func() error { return nil })
	})
	if got := r.parents(); err != nil || got["inner"] != "outer" {
		t.Errorf("%v, parents: %v", err, got)
	}
}
