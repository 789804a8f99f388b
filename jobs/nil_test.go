// SPDX-License-Identifier: Apache-2.0

package jobs_test

import (
	"context"
	"testing"
	"time"

	"github.com/asynclocal/asynclocal/jobs"
)

func TestWhatIsNilPanicsWithTheCure(t *testing.T) {
	t.Parallel()
	work := func(context.Context) error { return nil }
	for want, misuse := range map[string]func(){
		"jobs: Run with a nil function; pass the job's work":   func() { _ = jobs.Run(t.Context(), nil, "x", nil) },
		"jobs: Every with a nil function; pass the job's work": func() { jobs.Every(t.Context(), time.Hour, "x", nil) },
		"jobs: a nil Option; leave it out":                     func() { jobs.NewRunner(nil) },
		"jobs: a nil InjectOption; leave it out":               func() { jobs.NewInjector(nil) },
		"jobs: Run with a nil Option; leave it out":            func() { _ = jobs.NewRunner().Run(t.Context(), nil, "x", work, nil) },
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			defer func() {
				if got := recover(); got != want {
					t.Errorf("panicked with %q", got)
				}
			}()
			misuse()
		})
	}
}
