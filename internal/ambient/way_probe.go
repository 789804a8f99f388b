// SPDX-License-Identifier: Apache-2.0

//go:build !asynclocal_noambient && (asynclocal_nolinkname || (go1.28 && gc && (386 || amd64 || arm || arm64 || loong64 || ppc64le || riscv64 || s390x)))

package ambient

import (
	"context"
	"errors"
	"reflect"
	"runtime"
	"runtime/pprof"
	"time"
	"unsafe"
)

const way = "probe"

var labelAt = findLabel()

//go:norace
//go:nocheckptr
func getLabel() unsafe.Pointer {
	if labelAt == 0 {
		return nil
	}
	return *(*unsafe.Pointer)(unsafe.Add(getg(), labelAt))
}

func setLabel(p unsafe.Pointer) { pprof.SetGoroutineLabels((*holder)(p)) }

// holder is a context that carries the label set that it itself is: so setting a label allocates
// nothing, and needs no context that goroutines share.
type holder struct{}

func (*holder) Deadline() (deadline time.Time, ok bool) { return deadline, false }
func (*holder) Done() <-chan struct{}                   { return nil }
func (*holder) Err() error                              { return nil }
func (h *holder) Value(any) any                         { return Slot{unsafe.Pointer(h)}.LabelValue() }

// findLabel returns the place of the labels that the public API sets, or 0 if that is not certain.
func findLabel() uintptr {
	if !hasGetg || labelKey == nil {
		return 0
	}
	var o offsets
	var inherited context.Context
	if !sample(samples, attempts, func(g unsafe.Pointer) {
		if inherited != nil {
			o.keepLabels(inherited, g)
		}
		for _, value := range []string{"1", "2", "", "3"} {
			inherited = context.Background()
			if value != "" {
				inherited = pprof.WithLabels(inherited, pprof.Labels("probe", value))
			}
			pprof.SetGoroutineLabels(inherited)
			o.keepLabels(inherited, g)
		}
	}) {
		return 0
	}
	return o.only()
}

// keepLabels keeps the places in g that hold ctx's labels.
func (o *offsets) keepLabels(ctx context.Context, g unsafe.Pointer) {
	var want uintptr
	if set := ctx.Value(labelKey); set != nil {
		want = reflect.ValueOf(set).Pointer()
	}
	o.keep(func(at uintptr) bool { return word(g, at) == want })
}

//go:norace
//go:nocheckptr
func word(g unsafe.Pointer, at uintptr) uintptr { return *(*uintptr)(unsafe.Add(g, at)) }

func checkWay() error {
	switch {
	case !hasGetg:
		return errors.New("ambient: without linkname there is no way to a goroutine's labels on " + runtime.GOARCH)
	case labelAt == 0:
		return errors.New("ambient: a goroutine's labels are not where they can be found")
	}
	return nil
}
