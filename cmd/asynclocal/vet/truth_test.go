// SPDX-License-Identifier: Apache-2.0

package vet_test

import (
	"os"
	"os/exec"
	"testing"
)

// What the checks say of the runtime, of pools and of this library is true of those that are here.
// The programs are of another module: what they need is no dependency of the command.
func TestWhatTheChecksSayIsTrue(t *testing.T) {
	t.Parallel()
	cmd := exec.Command("go", "test", "-count=1", "./truth")
	cmd.Dir = programs(t)
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOPROXY=off", "GOFLAGS=")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v: %v\n%s", cmd, err, out)
	}
}
