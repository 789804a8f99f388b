// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"context"
	"runtime"
	"testing"
	"time"
	"weak"

	"github.com/asynclocal/asynclocal/store"
)

// A Request that has nothing to release at its end is not looked for at its expiry, unless
// something is set in it by a goroutine that goes on.
func TestWhatIsSetAfterTheEndIsReleasedToo(t *testing.T) {
	t.Parallel()
	ambientOnly(t)
	big := store.New[*[1 << 10]byte]("big", nil)
	many := store.NewAttachment(func(*store.Request) *[1 << 10]byte { return new([1 << 10]byte) })
	for name, set := range map[string]func(value *[1 << 10]byte, lives func()){
		"a Run":               func(v *[1 << 10]byte, lives func()) { big.Run(v, lives) },
		"an EnterWith":        func(v *[1 << 10]byte, lives func()) { big.EnterWith(v); lives() },
		"bound work":          func(v *[1 << 10]byte, lives func()) { big.Run(v, store.Bind(lives)) },
		"a Run in bound work": func(v *[1 << 10]byte, lives func()) { store.Bind(func() { big.Run(v, lives) })() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			over, stop := make(chan struct{}), make(chan struct{})
			defer close(stop)
			set1, w := make(chan struct{}), make(chan weak.Pointer[[1 << 10]byte], 1)
			r := store.NewRequest("r")
			r.SetLinger(50 * time.Millisecond)
			r.Run(t.Context(), func(context.Context) {
				go func() {
					<-over
					v := new([1 << 10]byte)
					w <- weak.Make(v)
					set(v, func() { go func() { <-stop }() })
					close(set1)
					<-stop
				}()
			})
			close(over)
			<-set1
			gone(t, <-w)
		})
	}
	t.Run("an Attachment", func(t *testing.T) {
		t.Parallel()
		r := store.NewRequest("r")
		r.SetLinger(50 * time.Millisecond)
		r.Run(t.Context(), func(context.Context) {})
		gone(t, weak.Make(many.Of(r)))
		runtime.KeepAlive(r)
	})
}

func gone(t *testing.T, w weak.Pointer[[1 << 10]byte]) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); w.Value() != nil; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("what was set after the end is held after the linger")
		}
		runtime.GC()
	}
}
