// SPDX-License-Identifier: Apache-2.0

package repo_test

import (
	"fmt"
	"os"
	"testing"
)

// Paths in these tests are from the root of the checkout.
func TestMain(m *testing.M) {
	if err := os.Chdir("../.."); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	m.Run()
}
