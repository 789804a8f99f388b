// SPDX-License-Identifier: Apache-2.0

package ambient

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"runtime/debug"
	"runtime/pprof"
	"unsafe"
)

// decide runs check, and reports whether it found nothing wrong, or else why this runtime cannot
// carry frames. A check that crashes has found something. What it leaves in the slot ends with its
// goroutine: it would not be safe to put back what may be wrong.
func decide(check func() error) (ok bool, why string) {
	result := make(chan error)
	go func() { result <- attempt(check) }()
	if err := <-result; err != nil {
		return false, err.Error()
	}
	return true, ""
}

func attempt(check func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("ambient: the self-check failed: %v", r)
		}
	}()
	debug.SetPanicOnFault(true)
	return check()
}

// selfCheck compares types before it follows any pointer.
func selfCheck() error {
	if labelKey == nil {
		return errors.New("ambient: runtime/pprof does not keep its labels in the context")
	}
	if err := checkWay(); err != nil {
		return err
	}
	if err := checkLayout(reflect.TypeOf(labelSample)); err != nil {
		return err
	}
	if err := checkFaces(); err != nil {
		return err
	}
	if err := checkAccessors(); err != nil {
		return err
	}
	return checkInheritance()
}

// checkLayout compares t, the type behind the label slot, with labelSet.
func checkLayout(t reflect.Type) error {
	if t == nil || t.Kind() != reflect.Pointer {
		return fmt.Errorf("ambient: labels are a %v, not a pointer", t)
	}
	set := t.Elem()
	for set.Kind() == reflect.Struct && set.NumField() == 1 {
		set = set.Field(0).Type
	}
	if set.Kind() != reflect.Slice || t.Elem().Size() != unsafe.Sizeof(labelSet{}) {
		return fmt.Errorf("ambient: a label set is a %v, not a slice of labels", set)
	}
	l := set.Elem()
	if l.Kind() != reflect.Struct || l.NumField() != 2 || l.Size() != unsafe.Sizeof(label{}) ||
		l.Field(0).Type.Kind() != reflect.String || l.Field(1).Type.Kind() != reflect.String {
		return fmt.Errorf("ambient: a label is a %v, not a key and a value", l)
	}
	return nil
}

// checkFaces makes sure that an interface is a type and a pointer.
func checkFaces() error {
	v := labelSample
	if (*eface)(unsafe.Pointer(&v)).data != reflect.ValueOf(labelSample).UnsafePointer() {
		return errors.New("ambient: an interface value is not a type and a pointer")
	}
	return nil
}

// checkAccessors compares the accessors with the public API, both ways.
func checkAccessors() error {
	ctx := pprof.WithLabels(context.Background(), pprof.Labels("a", "1", "z", "2"))
	pprof.SetGoroutineLabels(ctx)
	set := (*labelSet)(getLabel())
	want := reflect.ValueOf(ctx.Value(labelKey)).UnsafePointer()
	if unsafe.Pointer(set) != want {
		return errors.New("ambient: the slot is not what SetGoroutineLabels stores")
	}
	if len(set.list) != 2 || set.list[0] != (label{"a", "1"}) || set.list[1] != (label{"z", "2"}) {
		return errors.New("ambient: a label set does not hold its labels in order")
	}
	f := new(Frame[int])
	f.Init("self-check", "", Slot{})
	if err := checkMerged(f); err != nil {
		return err
	}
	setLabel(unsafe.Pointer(f))
	if s := (Slot{getLabel()}); !IsFrame(s) || Direct[int](s) != f {
		return errors.New("ambient: a frame does not survive the slot")
	}
	setLabel(nil)
	if getLabel() != nil {
		return errors.New("ambient: the slot cannot be emptied")
	}
	return nil
}

// checkMerged makes the runtime merge a label into f's set, and looks for f in it.
func checkMerged(f *Frame[int]) error {
	if f.LabelValue() == nil || reflect.TypeOf(f.LabelValue()) != reflect.TypeOf(labelSample) {
		return errors.New("ambient: a frame does not pass for a label set")
	}
	ctx := pprof.WithLabels(carrying{context.Background(), f}, pprof.Labels("m", "3"))
	if v, ok := pprof.Label(ctx, Key); !ok || v != "self-check" {
		return errors.New("ambient: a merged label set loses our label")
	}
	if search((*labelSet)(reflect.ValueOf(ctx.Value(labelKey)).UnsafePointer())) != unsafe.Pointer(f) {
		return errors.New("ambient: a merged label set does not lead back to the frame")
	}
	return nil
}

type carrying struct {
	context.Context
	f *Frame[int]
}

func (c carrying) Value(key any) any {
	if key == labelKey {
		return c.f.LabelValue()
	}
	return nil
}

func checkInheritance() error {
	f := new(Frame[int])
	f.Init("", "", Slot{})
	setLabel(unsafe.Pointer(f))
	child := make(chan unsafe.Pointer)
	go func() { child <- getLabel() }()
	if <-child != unsafe.Pointer(f) {
		return errors.New("ambient: a goroutine does not inherit the slot")
	}
	return nil
}
