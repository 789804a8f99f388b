// SPDX-License-Identifier: Apache-2.0

package natsjobs_test

import (
	"strings"
	"testing"

	"github.com/nats-io/nats.go"

	"github.com/asynclocal/asynclocal/jobs/nats"
)

// A function or an option that is nil is a mistake, and said where it is made.
func TestWhatIsNilPanicsWithTheCure(t *testing.T) {
	t.Parallel()
	for name, misuse := range map[string]func(){
		"an option":                func() { _, _ = natsjobs.Open(t.Context(), new(nats.Conn), nil) },
		"a consumer configuration": func() { natsjobs.WithConsumerConfig(nil) },
		"a stream configuration":   func() { natsjobs.WithStreamConfig(nil) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			defer func() {
				if message, _ := recover().(string); !strings.HasPrefix(message, "natsjobs: ") || !strings.Contains(message, "; ") {
					t.Errorf("panicked with %q, want the mistake and the cure", message)
				}
			}()
			misuse()
		})
	}
}
