// SPDX-License-Identifier: Apache-2.0

//go:build cgo

package cgotest

/*
#cgo LDFLAGS: -lpthread
#include <stdint.h>
#include <pthread.h>

extern void asynclocalCall(uintptr_t handle);

static void asynclocal_same_thread(uintptr_t handle) { asynclocalCall(handle); }

static void *asynclocal_run(void *handle) {
	asynclocalCall((uintptr_t)handle);
	return 0;
}

static int asynclocal_own_thread(uintptr_t handle) {
	pthread_t thread;
	int err = pthread_create(&thread, 0, asynclocal_run, (void *)handle);
	return err ? err : pthread_join(thread, 0);
}
*/
import "C"

import (
	"fmt"
	"runtime/cgo"
)

//export asynclocalCall
func asynclocalCall(handle C.uintptr_t) { cgo.Handle(handle).Value().(func())() }

// SameThread calls f from C, on the thread of the calling goroutine.
func SameThread(f func()) {
	h := cgo.NewHandle(f)
	defer h.Delete()
	C.asynclocal_same_thread(C.uintptr_t(h))
}

// OwnThread calls f from C, on a thread that C has made, and waits for it.
func OwnThread(f func()) error {
	h := cgo.NewHandle(f)
	defer h.Delete()
	if err := C.asynclocal_own_thread(C.uintptr_t(h)); err != 0 {
		return fmt.Errorf("cgotest: pthread_create or pthread_join: error %d", int(err))
	}
	return nil
}
