// SPDX-License-Identifier: Apache-2.0

package echov5_test

import (
	"strings"
	"testing"

	"github.com/asynclocal/asynclocal/middleware/echov5"
)

// A function or an option that is nil is a mistake, and said where it is made.
func TestWhatIsNilPanicsWithTheCure(t *testing.T) {
	t.Parallel()
	for name, misuse := range map[string]func(){
		"an option":         func() { echov5.New(nil) },
		"an error handler":  func() { echov5.ErrorHandler(nil) },
		"metric attributes": func() { echov5.New(echov5.WithMetricAttributes(nil)) },
		"on an error":       func() { echov5.New(echov5.WithOnError(nil)) },
		"a generator":       func() { echov5.New(echov5.WithRequestIDGenerator(nil)) },
		"a scheme":          func() { echov5.New(echov5.WithScheme(nil)) },
		"a skipper":         func() { echov5.New(echov5.WithSkipper(nil)) },
		"span attributes":   func() { echov5.New(echov5.WithSpanAttributes(nil)) },
		"a formatter":       func() { echov5.New(echov5.WithSpanNameFormatter(nil)) },
		"whom to trust":     func() { echov5.New(echov5.WithTrustRequestID(nil)) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			defer func() {
				if message, _ := recover().(string); !strings.HasPrefix(message, "echov5: ") || !strings.Contains(message, "; ") {
					t.Errorf("panicked with %q, want the mistake and the cure", message)
				}
			}()
			misuse()
		})
	}
}
