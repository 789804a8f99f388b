// SPDX-License-Identifier: Apache-2.0

//go:build !asynclocal_noambient

package ambient

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"unsafe"
)

func TestThisRuntimePassesTheSelfCheck(t *testing.T) {
	t.Parallel()
	if ok, why := decide(selfCheck); !ok {
		t.Error(why)
	}
	if !On() || Why() != "" {
		t.Errorf("On() = %v, Why() = %q", On(), Why())
	}
}

func TestTheSelfCheckLeavesTheGoroutinesSlotAsItWas(t *testing.T) {
	t.Parallel()
	f := newFrame(t, "mine")
	Set(f.Slot())
	defer Set(Slot{})
	if ok, why := decide(selfCheck); !ok {
		t.Error(why)
	}
	if Current[int]() != f {
		t.Error("another frame is in the slot")
	}
}

func TestACheckThatFailsSaysWhyAndNeverCrashes(t *testing.T) {
	t.Parallel()
	var nowhere *labelSet
	for name, tt := range map[string]struct {
		check func() error
		want  string
	}{
		"finds something wrong":        {func() error { return errors.New("ambient: all is different") }, "ambient: all is different"},
		"panics":                       {func() error { panic("at once") }, "ambient: the self-check failed: at once"},
		"follows a nil pointer":        {func() error { return errors.New(nowhere.list[0].key) }, "nil pointer"},
		"follows a pointer to nothing": {func() error { return errors.New(**(**string)(unsafe.Pointer(&wild))) }, "the self-check failed"},
		"passes a label that is a map": {func() error { return checkLayout(reflect.TypeOf(map[string]string{})) }, "not a pointer"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if ok, why := decide(tt.check); ok || !strings.Contains(why, tt.want) {
				t.Errorf("decide = %v, %q; want false and something with %q", ok, why, tt.want)
			}
		})
	}
}

// wild looks like a pointer, and is a number.
var wild = uintptr(0xdead0000)

func TestLayoutsThatDifferAreRefused(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		labels any
		want   string // "" for a layout that is ours
	}{
		"the one of this package":   {new(labelSet), ""},
		"one more struct around it": {new(struct{ s struct{ l []label } }), ""},
		"the map of before Go 1.24": {new(map[string]string), "not a slice of labels"},
		"nothing":                   {nil, "not a pointer"},
		"not a pointer":             {labelSet{}, "not a pointer"},
		"a field more": {new(struct {
			l []label
			n int
		}), "not a slice of labels"},
		"a slice of strings":    {new(struct{ l []string }), "not a key and a value"},
		"labels of three parts": {new(struct{ l []struct{ a, b, c string } }), "not a key and a value"},
		"labels of bytes":       {new(struct{ l []struct{ a, b []byte } }), "not a key and a value"},
		"a value that is none": {new(struct {
			l []struct {
				a string
				b [2]uintptr
			}
		}), "not a key and a value"},
		"an array": {new(struct{ l [3]uintptr }), "not a slice of labels"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := checkLayout(reflect.TypeOf(tt.labels))
			switch {
			case tt.want == "" && err != nil:
				t.Error(err)
			case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
				t.Errorf("got %v, want something with %q", err, tt.want)
			}
		})
	}
}

// Not parallel: it switches the process's ambient half off.
func TestWithTheAmbientHalfOffNothingIsStoredAndNothingIsFound(t *testing.T) {
	defer func(o bool, w string) { on, why = o, w }(on, why)
	f := newFrame(t, "f")
	on, why = decide(func() error { return errors.New("ambient: simulated") })
	if On() || Why() != "ambient: simulated" {
		t.Fatalf("On() = %v, Why() = %q", On(), Why())
	}
	Set(f.Slot())
	if Get() != (Slot{}) || Current[int]() != nil {
		t.Error("a frame is in the slot")
	}
	if IsLabelKey(labelKey) {
		t.Error("contexts answer for labels")
	}
	withLabels(t, func() {
		if Current[int]() != nil {
			t.Error("a frame was found in the user's labels")
		}
		newFrame(t, "over labels")
		if Without(Get()) != (Slot{}) {
			t.Error("labels were read")
		}
	}, "user", "ada")
}
