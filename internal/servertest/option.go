// SPDX-License-Identifier: Apache-2.0

package servertest

import (
	"fmt"
	"reflect"
	"testing"
)

// Option is an option of a middleware, for any framework. A function among its arguments may take a
// [Context] where the framework's option takes the framework's own; a nil argument is the nil value
// of the parameter's type. The zero Option is nil.
type Option struct {
	name string
	args []any
}

// With returns the option of that name.
func With(name string, args ...any) Option { return Option{name, args} }

// middleware makes the middleware under test.
func (f *Framework) middleware(t testing.TB, opts ...Option) Middleware {
	t.Helper()
	made := reflect.ValueOf(f.New)
	var in []reflect.Value
	for _, o := range append(f.Always[:len(f.Always):len(f.Always)], opts...) {
		if o.name == "" {
			in = append(in, reflect.Zero(made.Type().In(0).Elem()))
			continue
		}
		if f.Options[o.name] == nil {
			f.need(t, Trait(o.name))
			t.Fatalf("%s has neither %s nor a reason why not", f.Package, o.name)
		}
		in = append(in, f.option(o))
	}
	return made.Call(in)[0].Interface()
}

func (f *Framework) option(o Option) reflect.Value {
	constructor := reflect.ValueOf(f.Options[o.name])
	takes := constructor.Type()
	in := make([]reflect.Value, len(o.args))
	for i, arg := range o.args {
		want := takes.In(min(i, takes.NumIn()-1))
		if takes.IsVariadic() && i >= takes.NumIn()-1 {
			want = want.Elem()
		}
		in[i] = f.argument(arg, want)
	}
	return constructor.Call(in)[0]
}

// argument returns arg as a parameter of type want takes it.
func (f *Framework) argument(arg any, want reflect.Type) reflect.Value {
	if arg == nil {
		return reflect.Zero(want)
	}
	v := reflect.ValueOf(arg)
	if v.Type().AssignableTo(want) {
		return v
	}
	if v.Kind() != reflect.Func || want.Kind() != reflect.Func {
		panic(fmt.Sprintf("a %T is no %v", arg, want))
	}
	return reflect.MakeFunc(want, func(in []reflect.Value) []reflect.Value {
		in[0] = reflect.ValueOf(f.Context(in[0].Interface()))
		return v.Call(in)
	})
}
