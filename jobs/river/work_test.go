// SPDX-License-Identifier: Apache-2.0

package riverjobs_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	riverjobs "github.com/asynclocal/asynclocal/jobs/river"
)

// stubborn is an error that panics when it is asked what it is.
type stubborn struct{}

func (stubborn) Error() string { return "stubborn" }
func (stubborn) As(any) bool   { panic("asked") }

// What a worker returns is what River's other middleware and its error handler get: they
// may compare it.
func TestAWorkersErrorIsItself(t *testing.T) {
	t.Parallel()
	plain := errors.New("plain")
	for name, want := range map[string]error{
		"none":              nil,
		"an error":          plain,
		"joined":            errors.Join(plain, errors.New("another")),
		"a snooze":          river.JobSnooze(time.Hour),
		"a wrapped snooze":  fmt.Errorf("later: %w", river.JobSnooze(time.Hour)),
		"a cancellation":    river.JobCancel(plain),
		"nil in an error":   (*river.UnknownJobKindError)(nil),
		"one that is asked": stubborn{},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := riverjobs.New().Work(context.Background(), &rivertype.JobRow{Kind: "greet"}, func(context.Context) error { return want })
			if got != want { //nolint:errorlint // the very one
				t.Errorf("got %T %v, want %T", got, got, want)
			}
		})
	}
}
