// SPDX-License-Identifier: Apache-2.0

package adapter

import (
	"bufio"
	"io"
	"net"
	"net/http"
)

// The shapes of a recorder are numbered by their interfaces, in bits: flushes, hijacks, reads,
// closes, pushes. Each adds the interface of its highest bit to a smaller shape.
type shape0 struct{ *recorder }

type shape1 struct{ shape0 }

func (w shape1) Flush() { _ = w.flush() }

type (
	shape2 struct{ shape0 }
	shape3 struct{ shape1 }
)

func (w shape2) Hijack() (net.Conn, *bufio.ReadWriter, error) { return w.hijack() }
func (w shape3) Hijack() (net.Conn, *bufio.ReadWriter, error) { return w.hijack() }

type (
	shape4 struct{ shape0 }
	shape5 struct{ shape1 }
	shape6 struct{ shape2 }
	shape7 struct{ shape3 }
)

func (w shape4) ReadFrom(r io.Reader) (int64, error) { return w.readFrom(r) }
func (w shape5) ReadFrom(r io.Reader) (int64, error) { return w.readFrom(r) }
func (w shape6) ReadFrom(r io.Reader) (int64, error) { return w.readFrom(r) }
func (w shape7) ReadFrom(r io.Reader) (int64, error) { return w.readFrom(r) }

type (
	shape8  struct{ shape0 }
	shape9  struct{ shape1 }
	shape10 struct{ shape2 }
	shape11 struct{ shape3 }
	shape12 struct{ shape4 }
	shape13 struct{ shape5 }
	shape14 struct{ shape6 }
	shape15 struct{ shape7 }
)

func (w shape8) CloseNotify() <-chan bool  { return w.closeNotify() }
func (w shape9) CloseNotify() <-chan bool  { return w.closeNotify() }
func (w shape10) CloseNotify() <-chan bool { return w.closeNotify() }
func (w shape11) CloseNotify() <-chan bool { return w.closeNotify() }
func (w shape12) CloseNotify() <-chan bool { return w.closeNotify() }
func (w shape13) CloseNotify() <-chan bool { return w.closeNotify() }
func (w shape14) CloseNotify() <-chan bool { return w.closeNotify() }
func (w shape15) CloseNotify() <-chan bool { return w.closeNotify() }

type (
	shape16 struct{ shape0 }
	shape17 struct{ shape1 }
	shape18 struct{ shape2 }
	shape19 struct{ shape3 }
	shape20 struct{ shape4 }
	shape21 struct{ shape5 }
	shape22 struct{ shape6 }
	shape23 struct{ shape7 }
	shape24 struct{ shape8 }
	shape25 struct{ shape9 }
	shape26 struct{ shape10 }
	shape27 struct{ shape11 }
	shape28 struct{ shape12 }
	shape29 struct{ shape13 }
	shape30 struct{ shape14 }
	shape31 struct{ shape15 }
)

func (w shape16) Push(target string, o *http.PushOptions) error { return w.push(target, o) }
func (w shape17) Push(target string, o *http.PushOptions) error { return w.push(target, o) }
func (w shape18) Push(target string, o *http.PushOptions) error { return w.push(target, o) }
func (w shape19) Push(target string, o *http.PushOptions) error { return w.push(target, o) }
func (w shape20) Push(target string, o *http.PushOptions) error { return w.push(target, o) }
func (w shape21) Push(target string, o *http.PushOptions) error { return w.push(target, o) }
func (w shape22) Push(target string, o *http.PushOptions) error { return w.push(target, o) }
func (w shape23) Push(target string, o *http.PushOptions) error { return w.push(target, o) }
func (w shape24) Push(target string, o *http.PushOptions) error { return w.push(target, o) }
func (w shape25) Push(target string, o *http.PushOptions) error { return w.push(target, o) }
func (w shape26) Push(target string, o *http.PushOptions) error { return w.push(target, o) }
func (w shape27) Push(target string, o *http.PushOptions) error { return w.push(target, o) }
func (w shape28) Push(target string, o *http.PushOptions) error { return w.push(target, o) }
func (w shape29) Push(target string, o *http.PushOptions) error { return w.push(target, o) }
func (w shape30) Push(target string, o *http.PushOptions) error { return w.push(target, o) }
func (w shape31) Push(target string, o *http.PushOptions) error { return w.push(target, o) }

var shapes = [...]func(*recorder) http.ResponseWriter{
	func(rc *recorder) http.ResponseWriter { return shape0{rc} },
	func(rc *recorder) http.ResponseWriter { return shape1{shape0{rc}} },
	func(rc *recorder) http.ResponseWriter { return shape2{shape0{rc}} },
	func(rc *recorder) http.ResponseWriter { return shape3{shape1{shape0{rc}}} },
	func(rc *recorder) http.ResponseWriter { return shape4{shape0{rc}} },
	func(rc *recorder) http.ResponseWriter { return shape5{shape1{shape0{rc}}} },
	func(rc *recorder) http.ResponseWriter { return shape6{shape2{shape0{rc}}} },
	func(rc *recorder) http.ResponseWriter { return shape7{shape3{shape1{shape0{rc}}}} },
	func(rc *recorder) http.ResponseWriter { return shape8{shape0{rc}} },
	func(rc *recorder) http.ResponseWriter { return shape9{shape1{shape0{rc}}} },
	func(rc *recorder) http.ResponseWriter { return shape10{shape2{shape0{rc}}} },
	func(rc *recorder) http.ResponseWriter { return shape11{shape3{shape1{shape0{rc}}}} },
	func(rc *recorder) http.ResponseWriter { return shape12{shape4{shape0{rc}}} },
	func(rc *recorder) http.ResponseWriter { return shape13{shape5{shape1{shape0{rc}}}} },
	func(rc *recorder) http.ResponseWriter { return shape14{shape6{shape2{shape0{rc}}}} },
	func(rc *recorder) http.ResponseWriter { return shape15{shape7{shape3{shape1{shape0{rc}}}}} },
	func(rc *recorder) http.ResponseWriter { return shape16{shape0{rc}} },
	func(rc *recorder) http.ResponseWriter { return shape17{shape1{shape0{rc}}} },
	func(rc *recorder) http.ResponseWriter { return shape18{shape2{shape0{rc}}} },
	func(rc *recorder) http.ResponseWriter { return shape19{shape3{shape1{shape0{rc}}}} },
	func(rc *recorder) http.ResponseWriter { return shape20{shape4{shape0{rc}}} },
	func(rc *recorder) http.ResponseWriter { return shape21{shape5{shape1{shape0{rc}}}} },
	func(rc *recorder) http.ResponseWriter { return shape22{shape6{shape2{shape0{rc}}}} },
	func(rc *recorder) http.ResponseWriter { return shape23{shape7{shape3{shape1{shape0{rc}}}}} },
	func(rc *recorder) http.ResponseWriter { return shape24{shape8{shape0{rc}}} },
	func(rc *recorder) http.ResponseWriter { return shape25{shape9{shape1{shape0{rc}}}} },
	func(rc *recorder) http.ResponseWriter { return shape26{shape10{shape2{shape0{rc}}}} },
	func(rc *recorder) http.ResponseWriter { return shape27{shape11{shape3{shape1{shape0{rc}}}}} },
	func(rc *recorder) http.ResponseWriter { return shape28{shape12{shape4{shape0{rc}}}} },
	func(rc *recorder) http.ResponseWriter { return shape29{shape13{shape5{shape1{shape0{rc}}}}} },
	func(rc *recorder) http.ResponseWriter { return shape30{shape14{shape6{shape2{shape0{rc}}}}} },
	func(rc *recorder) http.ResponseWriter { return shape31{shape15{shape7{shape3{shape1{shape0{rc}}}}}} },
}
