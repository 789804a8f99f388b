// SPDX-License-Identifier: Apache-2.0

package store

import (
	"fmt"
	"reflect"
)

// Bind returns a function that runs f in the context of this call, wherever and
// whenever it is called. Binding a bound function again changes nothing: the
// first binding wins. A nil f panics here and not later.
//
// Use it for whatever is not a go statement: callbacks, timers, the jobs of a
// worker pool, finalizers, cleanups.
func Bind(f func()) func() {
	needFunc("Bind", f)
	s := Capture()
	return func() { s.work(KindBind, f) }
}

// BindFunc is Bind for a function of any type: arguments and results pass
// through. It panics if f is nil or not a function. It goes through reflection
// (about a microsecond a call) for all but func() and func() error.
func BindFunc[F any](f F) F {
	switch g := any(f).(type) {
	case func():
		return any(Bind(g)).(F)
	case func() error:
		return any(bindError(g)).(F)
	}
	v := reflect.ValueOf(f)
	if v.Kind() != reflect.Func || v.IsNil() {
		panic(fmt.Sprintf("store: BindFunc of a %T; it takes a function that is not nil", f))
	}
	s := Capture()
	call := v.Call
	if v.Type().IsVariadic() {
		call = v.CallSlice
	}
	bound := reflect.MakeFunc(v.Type(), func(args []reflect.Value) (results []reflect.Value) {
		s.work(KindBind, func() { results = call(args) })
		return results
	})
	return bound.Interface().(F)
}

func bindError(f func() error) func() error {
	if f == nil {
		panic("store: BindFunc of a nil function; pass the function itself, not a variable that is set later")
	}
	s := Capture()
	return func() (err error) {
		s.work(KindBind, func() { err = f() })
		return err
	}
}
