// SPDX-License-Identifier: Apache-2.0

package ambient

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"testing"
)

func onlyNumbered(t testing.TB) {
	t.Helper()
	if numberAt == 0 {
		t.Skip("goroutines have no number here")
	}
}

func wantNumber(t *testing.T) uint64 {
	t.Helper()
	n := Goroutine()
	if want := fmt.Sprintf("goroutine %d [", n); !strings.HasPrefix(string(debug.Stack()), want) {
		t.Errorf("it is not %d: %.40s", n, debug.Stack())
	}
	return n
}

func TestEveryGoroutineHasTheNumberOfItsTracebacks(t *testing.T) {
	t.Parallel()
	onlyNumbered(t)
	const n = 1000
	var numbers sync.Map
	var wg sync.WaitGroup
	start := make(chan struct{})
	for range n {
		wg.Go(func() {
			<-start
			number := wantNumber(t)
			runtime.Gosched()
			if again := wantNumber(t); again != number {
				t.Errorf("it was %d, and is %d", number, again)
			}
			if _, twice := numbers.LoadOrStore(number, true); twice {
				t.Errorf("two goroutines are %d", number)
			}
		})
	}
	close(start)
	wg.Wait()
}

func TestAGoroutineThatReusesTheMemoryOfADeadOneHasANumberOfItsOwn(t *testing.T) {
	t.Parallel()
	onlyNumbered(t)
	descriptors, numbers := map[uintptr]bool{}, map[uint64]bool{}
	for range 1000 {
		done := make(chan struct{})
		go func() {
			defer close(done)
			descriptors[uintptr(getg())] = true
			numbers[wantNumber(t)] = true
		}()
		<-done
	}
	if len(descriptors) == 1000 || len(numbers) != 1000 {
		t.Errorf("%d goroutines in the memory of %d had %d numbers", 1000, len(descriptors), len(numbers))
	}
}

func TestAGoroutineThatIsLockedToItsThreadHasItsNumber(t *testing.T) {
	t.Parallel()
	onlyNumbered(t)
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	n := wantNumber(t)
	done := make(chan struct{})
	go func() { // on another thread
		defer close(done)
		runtime.LockOSThread() // and never unlocked: the thread ends with it
		if wantNumber(t) == n {
			t.Error("two goroutines have one number")
		}
	}()
	<-done
	if wantNumber(t) != n {
		t.Error("it has another number now")
	}
}

func TestANumberOutlivesTheStacksMoves(t *testing.T) {
	t.Parallel()
	onlyNumbered(t)
	done := make(chan struct{})
	go func() {
		defer close(done)
		n := Goroutine()
		if deep(1000) != n || Goroutine() != n {
			t.Errorf("it was %d, and is %d, %d deep down", n, Goroutine(), deep(1000))
		}
	}()
	<-done
}

//go:noinline
func deep(n int) uint64 {
	if n == 0 {
		return Goroutine()
	}
	var room [256]byte
	return deep(n-1) + uint64(room[n%256])
}

func TestAskingForTheNumberAllocatesNothing(t *testing.T) {
	if n := testing.AllocsPerRun(100, func() { Goroutine() }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkGoroutine(b *testing.B) {
	for b.Loop() {
		Goroutine()
	}
}

func BenchmarkGet(b *testing.B) {
	for b.Loop() {
		Get()
	}
}
