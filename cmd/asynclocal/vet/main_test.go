// SPDX-License-Identifier: Apache-2.0

package vet_test

import (
	"fmt"
	"os"
	"os/exec"
	"testing"
)

// The programs are a module of their own, with dependencies that nothing fetches for go test. They are
// asked for once, as go test asks for those of any package; the tests then do without the network, and
// so does this where the module cache has them.
func TestMain(m *testing.M) {
	cmd := exec.Command("go", "list", "-deps", "-test", "./...")
	cmd.Dir = "testdata"
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=")
	cmd.Stderr = os.Stderr
	if err := cmd.Run(); err != nil {
		fmt.Fprintf(os.Stderr, "the programs that the checks are tested with: %v: %v\n", cmd, err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}
