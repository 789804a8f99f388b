// SPDX-License-Identifier: Apache-2.0

package store

import (
	"fmt"
	"reflect"
)

// Bind returns a function that runs f in the context of this call. The function may be called
// anywhere, at any time, any number of times and concurrently. Binding a bound function again
// changes nothing: the first binding wins. A nil f panics here, not later.
//
// Use it for work that is not started by a go statement: callbacks, timers, jobs of a worker pool,
// finalizers, cleanups. Pitfall: the place of the Bind call counts, not the place where f is
// written. Bind where the context is, and pass on the function that Bind returns.
func Bind(f func()) func() {
	needFunc("Bind", f != nil)
	s := Capture()
	return func() { s.work(KindBind, f, f) }
}

// BindFunc is Bind for a function of any type; it passes arguments and results through. It panics
// if f is nil or not a function. Except for func() and func() error it uses reflection, about a
// microsecond per call: on a hot path, wrap the call in a closure and Bind that.
func BindFunc[F any](f F) F {
	switch g := any(f).(type) {
	case func():
		needFunc("BindFunc", g != nil)
		return any(Bind(g)).(F)
	case func() error:
		needFunc("BindFunc", g != nil)
		return any(bindError(g)).(F)
	}
	v := reflect.ValueOf(f)
	if v.Kind() != reflect.Func {
		panic(fmt.Sprintf("store: BindFunc of a %T; it takes a function, of whatever type", f))
	}
	needFunc("BindFunc", !v.IsNil())
	return bindReflect(v).Interface().(F)
}

func bindReflect(f reflect.Value) reflect.Value {
	s := Capture()
	call, function := f.Call, f.Interface()
	if f.Type().IsVariadic() {
		call = f.CallSlice
	}
	return reflect.MakeFunc(f.Type(), func(args []reflect.Value) (results []reflect.Value) {
		s.work(KindBind, function, func() { results = call(args) })
		return results
	})
}

func bindError(f func() error) func() error {
	s := Capture()
	return func() (err error) {
		s.work(KindBind, f, func() { err = f() })
		return err
	}
}
