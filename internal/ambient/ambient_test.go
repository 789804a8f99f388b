// SPDX-License-Identifier: Apache-2.0

package ambient

import (
	"context"
	"fmt"
	"runtime/pprof"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
	"unsafe"
)

func newFrame(t testing.TB, name string) *Frame[int] {
	t.Helper()
	f := new(Frame[int])
	f.Init(Label(name), "", Get())
	return f
}

// withLabels runs f with labels of the user's, on a goroutine of its own.
func withLabels(t testing.TB, f func(), labels ...string) {
	t.Helper()
	done := make(chan struct{})
	go pprof.Do(context.Background(), pprof.Labels(labels...), func(context.Context) {
		defer close(done)
		f()
	})
	<-done
}

// labelsOf returns what profilers read in s, in order.
func labelsOf(s Slot) (list []string) {
	if s.p == nil {
		return nil
	}
	for _, l := range (*labelSet)(s.p).list {
		list = append(list, l.key+"="+l.value)
	}
	return list
}

func wantLabels(t *testing.T, s Slot, want ...string) {
	t.Helper()
	if got := labelsOf(s); !slices.Equal(got, want) {
		t.Errorf("the labels are %q, want %q", got, want)
	}
}

func TestANameIsCutAtSixtyFourBytesAndNeverWithinARune(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a", 61)
	for _, tt := range []struct{ name, label string }{
		{"", "-"},
		{"GET /orders/:id", "GET /orders/:id"},
		{strings.Repeat("a", 64), strings.Repeat("a", 64)},
		{strings.Repeat("a", 65), long + "…"},
		{long + "éé", long[:61] + "…"},
		{long[:60] + "ééé", long[:60] + "…"},
		{long[:59] + "éééé", long[:59] + "é…"},
		{strings.Repeat("😀", 17), strings.Repeat("😀", 15) + "…"},
		{strings.Repeat("\x80", 80), "…"},
	} {
		f := newFrame(t, tt.name)
		if got := f.Label(); got != tt.label {
			t.Errorf("the label of %q is %q, want %q", tt.name, got, tt.label)
		}
		if utf8.ValidString(tt.name) && !utf8.ValidString(f.Label()) || len(f.Label()) > nameSize {
			t.Errorf("the label of %q is %q", tt.name, f.Label())
		}
	}
}

func FuzzALabelIsItsNameOrAPrefixOfIt(f *testing.F) {
	f.Add("GET /")
	f.Add(strings.Repeat("é", 40))
	f.Fuzz(func(t *testing.T, name string) {
		label := newFrame(t, name).Label()
		switch {
		case len(label) > nameSize || label == "":
			t.Errorf("%q has the label %q", name, label)
		case name == "" || label == name:
		case len(name) <= nameSize, !strings.HasPrefix(name, strings.TrimSuffix(label, "…")):
			t.Errorf("%q has the label %q", name, label)
		case utf8.ValidString(name) && !utf8.ValidString(label):
			t.Errorf("%q was cut within a rune: %q", name, label)
		}
	})
}

func TestAFrameIsFoundInTheSlotAndByChildren(t *testing.T) {
	t.Parallel()
	onlyOn(t)
	f := newFrame(t, "f")
	f.Payload = 7
	Set(f.Slot())
	defer Set(Slot{})
	if got := Current[int](); got != f || got.Payload != 7 || !got.Is(Get()) {
		t.Errorf("found %v, want %v", got, f)
	}
	child := make(chan *Frame[int])
	go func() { child <- Current[int]() }()
	if got := <-child; got != f {
		t.Errorf("the child found %v, want %v", got, f)
	}
}

func onlyOn(t testing.TB) {
	t.Helper()
	if !On() {
		t.Skip(Why())
	}
}

func TestAnEmptySlotAndOneOfTheUsersHoldNoFrame(t *testing.T) {
	t.Parallel()
	if Of[int](Slot{}) != nil || IsFrame(Slot{}) {
		t.Error("nothing passes for a frame")
	}
	for _, labels := range [][]string{{"a", "1"}, {"a", "1", "b", "2", "c", "3"}, {Key, "user's"}, {Key, ""}, {"", ""}} {
		withLabels(t, func() {
			if IsFrame(Get()) || Current[int]() != nil {
				t.Errorf("%q pass for a frame", labels)
			}
		}, labels...)
	}
}

func TestFramesAndTheUsersLabelsAreMergedInTheOrderThatTheRuntimeNeeds(t *testing.T) {
	t.Parallel()
	onlyOn(t)
	for _, tt := range []struct {
		name         string
		user         []string
		id           string
		want, remain []string
	}{
		{"ours alone", nil, "", []string{"request=f"}, nil},
		{"ours and the id", nil, "17", []string{"request=f", "request_id=17"}, nil},
		{"before ours", []string{"a", "1"}, "", []string{"a=1", "request=f"}, []string{"a=1"}},
		{"after ours", []string{"z", "1"}, "", []string{"request=f", "z=1"}, []string{"z=1"}},
		{"around ours", []string{"a", "1", "z", "2"}, "17", []string{"a=1", "request=f", "request_id=17", "z=2"}, []string{"a=1", "z=2"}},
		{"between the two", []string{"request_a", "1"}, "", []string{"request=f", "request_a=1"}, []string{"request_a=1"}},
		{"of our name", []string{Key, "user's", "z", "1"}, "", []string{"request=f", "z=1"}, []string{"request=user's", "z=1"}},
		{"of the id's name", []string{IDKey, "user's"}, "", []string{"request=f", "request_id=user's"}, []string{"request_id=user's"}},
		{"of both names", []string{Key, "x", IDKey, "y"}, "17", []string{"request=f", "request_id=17"}, []string{"request=x", "request_id=y"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			withLabels(t, func() {
				before := Get()
				f := new(Frame[int])
				f.Init("f", tt.id, before)
				Set(f.Slot())
				wantLabels(t, Get(), tt.want...)
				if Current[int]() != f {
					t.Error("the frame is not found")
				}
				Set(before)
				wantLabels(t, Get(), tt.remain...)
			}, tt.user...)
		})
	}
}

func TestALabelThatTheUserAddsKeepsTheFrameAndWithoutTakesItOut(t *testing.T) {
	t.Parallel()
	onlyOn(t)
	for _, user := range [][]string{{"a", "1"}, {"z", "1"}, {"a", "1", "z", "2"}, {"request_a", "1"}} {
		f := newFrame(t, "f")
		pprof.Do(carrying{context.Background(), f}, pprof.Labels(user...), func(context.Context) {
			if Current[int]() != f || IsFrame(Get()) || f.Is(Get()) {
				t.Errorf("%q: the frame is not found, or taken for the slot's own", user)
			}
			inner := newFrame(t, "inner")
			if got, want := labelsOf(inner.Slot()), len(user)/2+1; len(got) != want {
				t.Errorf("%q: a frame over it has the labels %q", user, got)
			}
			if got, want := labelsOf(Without(Get())), len(user)/2; len(got) != want {
				t.Errorf("%q: without the frame there are %q", user, got)
			}
			if Of[int](Without(Get())) != nil {
				t.Errorf("%q: the frame is still there", user)
			}
		})
		Set(Slot{})
	}
}

func TestAUsersLabelOfOurNameTakesTheFramesPlace(t *testing.T) {
	t.Parallel()
	onlyOn(t)
	f := newFrame(t, "f")
	pprof.Do(carrying{context.Background(), f}, pprof.Labels(Key, "user's"), func(context.Context) {
		wantLabels(t, Get(), "request=user's")
		if Current[int]() != nil {
			t.Error("a frame was found by a key that is not ours")
		}
	})
	if Current[int]() != f {
		t.Error("Do has not put the frame back")
	}
	Set(Slot{})
}

func TestFramesOverFramesDoNotPileUpLabels(t *testing.T) {
	t.Parallel()
	onlyOn(t)
	withLabels(t, func() {
		for i := range 100 {
			f := new(Frame[int])
			f.Init(fmt.Sprint("f", i), fmt.Sprint(i), Get())
			Set(f.Slot())
		}
		wantLabels(t, Get(), "request=f99", "request_id=99", "user=ada")
		Set(Without(Get()))
		wantLabels(t, Get(), "user=ada")
	}, "user", "ada")
}

func TestOffByTheBuildTagSaysSo(t *testing.T) {
	t.Parallel()
	if !On() && !strings.Contains(Why(), "asynclocal_noambient") {
		t.Errorf("Why() = %q", Why())
	}
	if f := newFrame(t, "f"); !On() {
		Set(f.Slot())
		if Get() != (Slot{}) || Current[int]() != nil {
			t.Error("a frame is in the slot")
		}
	}
}

func TestAFrameWithTheUsersLabelsInItsRoomIsFoundWithoutALookAtThem(t *testing.T) {
	t.Parallel()
	onlyOn(t)
	if !hasRoom {
		t.Skip("frames have no Room on 32 bits")
	}
	type roomy struct {
		Frame[int]
		Room
	}
	for labels := range 8 {
		var list []string
		for i := range labels {
			list = append(list, fmt.Sprint("z", i), "1")
		}
		withLabels(t, func() {
			users := Get()
			if Roomed[int](users) != nil {
				t.Errorf("%d labels of the user's pass for a frame", labels)
			}
			f := new(roomy)
			f.Reserve(&f.Room)
			f.Init("f", "", users)
			fits := labels > 0 && labels < roomSize
			if got := Roomed[int](f.Slot()); got != nil != fits || fits && got != &f.Frame {
				t.Errorf("over %d labels found %p, want %p: %v", labels, got, f, fits)
			}
			Set(f.Slot())
			pprof.Do(carrying{context.Background(), &f.Frame}, pprof.Labels("a", "1"), func(context.Context) {
				if Roomed[int](Get()) != nil || Current[int]() != &f.Frame {
					t.Errorf("a copy of %d labels is taken for the frame itself", labels)
				}
			})
		}, list...)
	}
}

// What the runtime puts before an allocation moves it by a word, on 32 bits one of more than 128
// bytes already.
func TestAFrameInAnAllocationOfAnySizeIsFoundAmongLabels(t *testing.T) {
	t.Parallel()
	onlyOn(t)
	wantFound(t, new(struct{ Frame[int] }))
	wantFound(t, new(struct {
		Frame[int]
		more [4]*int
	}))
	wantFound(t, new(struct {
		Frame[int]
		more [12]*int
	}))
	wantFound(t, new(struct {
		Frame[int]
		more [40]*int
	}))
}

func wantFound[T any](t *testing.T, allocation *T) {
	t.Helper()
	f := Cast[Frame[int]](allocation)
	f.Init("f", "", Slot{})
	elsewhere := make(chan *Frame[int])
	go pprof.Do(carrying{context.Background(), f}, pprof.Labels("a", "1"), func(context.Context) { elsewhere <- Current[int]() })
	if got := <-elsewhere; got != f {
		t.Errorf("in one of %d bytes it is not found", unsafe.Sizeof(*allocation))
	}
}
