// SPDX-License-Identifier: Apache-2.0

//go:build !asynclocal_noambient

package ambient

import (
	"testing"
	"unsafe"
)

func onlyWithDescriptors(t testing.TB) {
	t.Helper()
	if !hasGetg {
		t.Skip("there is no way to a goroutine's descriptor here")
	}
}

func TestTheNumberIsFoundOnEachAttempt(t *testing.T) {
	t.Parallel()
	onlyWithDescriptors(t)
	if numberAt == 0 {
		t.Fatal("not found at start-up")
	}
	for range 50 {
		if at := findNumber(); at != numberAt {
			t.Fatalf("found at %d, then at %d", numberAt, at)
		}
	}
}

func TestOnlyAPlaceThatIsLeftAloneIsFound(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		left []uintptr
		want uintptr
	}{
		"no place":             {nil, 0},
		"the first, the stack": {[]uintptr{0}, 0},
		"one":                  {[]uintptr{7}, 7 * wordSize},
		"the last":             {[]uintptr{window/wordSize - 1}, window - wordSize},
		"two":                  {[]uintptr{7, 19}, 0},
		"two, one the first":   {[]uintptr{0, 19}, 0},
		"three":                {[]uintptr{7, 8, 9}, 0},
	} {
		var o offsets
		for i := range o {
			o[i] = true
		}
		for _, i := range tt.left {
			o[i] = false
		}
		if got := o.only(); got != tt.want {
			t.Errorf("%s: %d, want %d", name, got, tt.want)
		}
	}
}

func TestAProbeSeesAsManyDescriptorsAsItAsksFor(t *testing.T) {
	t.Parallel()
	onlyWithDescriptors(t)
	seen := map[unsafe.Pointer]bool{}
	if !sample(20, attempts, func(g unsafe.Pointer) { seen[g] = true }) || len(seen) != 20 {
		t.Errorf("%d descriptors", len(seen))
	}
	if sample(20, 10, func(unsafe.Pointer) {}) {
		t.Error("10 goroutines gave 20 samples")
	}
}

func TestAProbeThatCrashesFindsNothing(t *testing.T) {
	t.Parallel()
	onlyWithDescriptors(t)
	if sample(2, attempts, func(unsafe.Pointer) { panic("at once") }) {
		t.Error("it says that it is fine")
	}
	if sample(2, attempts, func(unsafe.Pointer) { _ = **(**string)(unsafe.Pointer(&wild)) }) {
		t.Error("it says that it is fine")
	}
}
