// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"syscall"
)

// self is the command that runs this test program again. Under an emulator that
// only -exec knows, the kernel cannot start it, and the emulator has to.
func self(ctx context.Context, args ...string) *exec.Cmd {
	if emulator := emulator(); emulator != "" {
		return exec.CommandContext(ctx, emulator, append([]string{os.Args[0]}, args...)...)
	}
	return exec.CommandContext(ctx, os.Args[0], args...)
}

var emulator = sync.OnceValue(func() string {
	if err := exec.Command(os.Args[0], "-test.run=^$").Run(); !errors.Is(err, syscall.ENOEXEC) {
		return ""
	}
	return "qemu-" + map[string]string{"arm64": "aarch64", "arm": "arm"}[runtime.GOARCH]
})
