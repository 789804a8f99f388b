// SPDX-License-Identifier: Apache-2.0

package riverjobs_test

import (
	"strings"
	"testing"

	"github.com/asynclocal/asynclocal/jobs/river"
)

// A function or an option that is nil is a mistake, and said where it is made.
func TestWhatIsNilPanicsWithTheCure(t *testing.T) {
	t.Parallel()
	for name, misuse := range map[string]func(){
		"an option": func() { riverjobs.New(nil) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			defer func() {
				if message, _ := recover().(string); !strings.HasPrefix(message, "riverjobs: ") || !strings.Contains(message, "; ") {
					t.Errorf("panicked with %q, want the mistake and the cure", message)
				}
			}()
			misuse()
		})
	}
}
