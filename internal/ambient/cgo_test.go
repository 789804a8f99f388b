// SPDX-License-Identifier: Apache-2.0

package ambient

import (
	"os/exec"
	"runtime"
	"strings"
	"testing"
)

func TestACallbackFromCHasTheNumberOfItsTracebacks(t *testing.T) {
	t.Parallel()
	onlyNumbered(t)
	if testing.Short() {
		t.Skip("it builds a program")
	}
	env, err := exec.Command("go", "env", "CGO_ENABLED", "GOHOSTARCH").Output()
	if f := strings.Fields(string(env)); err != nil || len(f) != 2 || f[0] != "1" || f[1] != runtime.GOARCH {
		t.Skipf("no cgo here: %s %v", env, err)
	}
	if _, err := exec.LookPath("gcc"); err != nil {
		t.Skip(err)
	}
	if out, err := exec.Command("go", "run", "./testdata/cgo").CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
