// SPDX-License-Identifier: Apache-2.0

package natsjobs_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	natsjobs "github.com/asynclocal/asynclocal/jobs/nats"
)

// nilError is an error as people write them, for which a nil pointer is none.
type nilError struct{ text string }

func (e *nilError) Error() string     { return e.text }
func (e *nilError) ErrorType() string { return e.text }
func (e *nilError) Unwrap() error     { return errors.New(e.text) }
func (e *nilError) Is(error) bool     { return e.text == "" }

// rudeError panics whatever it is asked.
type rudeError struct{}

func (rudeError) Error() string { panic("no comment") }
func (rudeError) As(any) bool   { panic("no cast") }

func TestAnErrorThatCannotBeReadIsAFailureLikeAnother(t *testing.T) {
	t.Parallel()
	var nothing *nilError
	for name, tt := range map[string]struct {
		handler natsjobs.Handler
		reason  string
	}{
		"a nil pointer":                {func(context.Context, *natsjobs.Job) error { return nothing }, "<nil>"},
		"a nil pointer, wrapped":       {func(context.Context, *natsjobs.Job) error { return fmt.Errorf("it: %w", nothing) }, "it: "},
		"a nil pointer, joined":        {func(context.Context, *natsjobs.Job) error { return errors.Join(errors.New("a"), nothing) }, ""},
		"a nil pointer, permanent":     {func(context.Context, *natsjobs.Job) error { return natsjobs.Permanent(nothing) }, "<nil>"},
		"a nil pointer, to be retried": {func(context.Context, *natsjobs.Job) error { return natsjobs.RetryAfter(nothing, 1) }, "<nil>"},
		"methods that panic":           {func(context.Context, *natsjobs.Job) error { return rudeError{} }, "no comment"},
		"a panic with a nil pointer":   {func(context.Context, *natsjobs.Job) error { panic(nothing) }, "panic: <nil>"},
		"a panic with a rude error":    {func(context.Context, *natsjobs.Job) error { panic(rudeError{}) }, "no comment"},
		"an exit of the goroutine":     {func(context.Context, *natsjobs.Job) error { runtime.Goexit(); return nil }, "Goexit"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			nc := broker(t)
			spans, tp := recorder()
			q := open(t, nc, natsjobs.WithMaxDeliver(2), natsjobs.WithTracerProvider(tp))
			core, lines := observer.New(zap.InfoLevel)
			work(t, q, natsjobs.Handlers{"n": tt.handler}, natsjobs.WithRecover(), natsjobs.WithBackoff(quick), natsjobs.WithLogger(zap.New(core)))
			publish(t, q, "n")
			if have := deadLetter(t, nc).Header.Get(natsjobs.DeadReasonKey); !strings.Contains(have, tt.reason) {
				t.Errorf("reason %q, want %q in it", have, tt.reason)
			}
			emptied(t, nc)
			waitForSpans(t, spans.Ended, 2)
			eventually(t, "the line of the burial", func() bool { return lines.FilterMessage("job buried").Len() == 1 })
		})
	}
}
