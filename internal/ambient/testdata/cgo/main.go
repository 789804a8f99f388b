// SPDX-License-Identifier: Apache-2.0

// Command cgo asks for a goroutine's number in callbacks from C, on Go's threads and on C's.
package main

/*
#cgo LDFLAGS: -lpthread
#include <pthread.h>

extern void callback(int);

static void here(int n) { callback(n); }

static void *run(void *n) { callback(*(int *)n); callback(*(int *)n); return 0; }

static int elsewhere(int n) {
	pthread_t t;
	return pthread_create(&t, 0, run, &n) || pthread_join(t, 0);
}
*/
import "C"

import (
	"fmt"
	"os"
	"runtime/debug"
	"strings"

	"github.com/asynclocal/asynclocal/internal/ambient"
)

const onThread = 1

var (
	own    uint64
	called int
)

//export callback
func callback(where C.int) {
	called++
	n := ambient.Goroutine()
	if !strings.HasPrefix(string(debug.Stack()), fmt.Sprintf("goroutine %d [", n)) {
		fail("it is not %d: %.40s", n, debug.Stack())
	}
	if same := n == own; same != (where != onThread) {
		fail("a callback on %d is called by goroutine %d, and runs on %d", where, own, n)
	}
}

func main() {
	own = ambient.Goroutine()
	C.here(0)
	for range 10 {
		if C.elsewhere(onThread) != 0 {
			fail("no thread")
		}
	}
	if own == 0 || called != 21 {
		fail("%d calls, own number %d", called, own)
	}
}

func fail(format string, args ...any) {
	fmt.Fprintf(os.Stderr, format+"\n", args...)
	os.Exit(1)
}
