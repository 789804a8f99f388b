// SPDX-License-Identifier: Apache-2.0

package jobs_test

import (
	"context"
	"errors"
	"io"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"go.opentelemetry.io/otel/codes"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"github.com/asynclocal/asynclocal/jobs"
)

// failure does not say what it is when it is nil.
type failure struct{ cause error }

func (f *failure) Error() string { return f.cause.Error() }

func TestJobsWhoseErrorsCannotSayWhatTheyAre(t *testing.T) {
	t.Parallel()
	cyclic := map[string]any{}
	cyclic["self"] = cyclic
	for name, value := range map[string]any{
		"nil inside": (*failure)(nil), "panics": &failure{}, "not UTF-8": errors.New("a\xff"), "long": errors.New(strings.Repeat("ä", 1<<20)),
		"with a URL": &url.Error{Op: "Get", URL: "http://u:hunter2@h/?token=hunter2", Err: io.EOF}, "cyclic": cyclic,
	} {
		for _, how := range []string{"returned", "panicked with"} {
			t.Run(name+" "+how, func(t *testing.T) {
				t.Parallel()
				failed, isError := value.(error)
				if how == "returned" && !isError {
					t.Skip("no error")
				}
				spans, tp := recorder()
				core, logs := observer.New(zap.DebugLevel)
				o := call(func() error {
					return jobs.Run(context.Background(), nil, "n", func(context.Context) error {
						if how == "returned" {
							return failed
						}
						panic(value)
					}, jobs.WithTracerProvider(tp), jobs.WithLogger(zap.New(core)))
				})
				if how == "returned" && o.err != failed || how != "returned" && o.panicked == nil { //nolint:errorlint // the very one
					t.Errorf("outcome %+v", o)
				}
				s := last(t, spans)
				said := []string{s.Status().Description}
				for _, e := range s.Events() {
					for _, a := range e.Attributes {
						if a.Key != "exception.stacktrace" {
							said = append(said, a.Value.AsString())
						}
					}
				}
				for _, e := range logs.All() {
					m := e.ContextMap()
					for _, key := range []string{"error", "panic"} {
						if text, ok := m[key].(string); ok {
							said = append(said, text)
						}
					}
				}
				if s.Status().Code != codes.Error || len(s.Events()) != 1 || logs.Len() != 1 || len(said) < 3 {
					t.Errorf("status %v, events %v, %d lines, texts %q", s.Status(), s.Events(), logs.Len(), said)
				}
				for _, text := range said {
					if !utf8.ValidString(text) || len(text) > 1100 || strings.Contains(text, "hunter2") {
						t.Errorf("recorded: %.200q", text)
					}
				}
			})
		}
	}
}

// broken is a core that panics.
type broken struct{ zapcore.LevelEnabler }

func (b broken) With([]zap.Field) zapcore.Core        { return b }
func (broken) Write(zapcore.Entry, []zap.Field) error { panic("disk gone") }
func (broken) Sync() error                            { return nil }
func (b broken) Check(e zapcore.Entry, ce *zapcore.CheckedEntry) *zapcore.CheckedEntry {
	return ce.AddCore(e, b)
}

func TestACoreThatPanicsCostsAJobNothing(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]func(context.Context) error{
		"well": nothing, "failing": func(context.Context) error { return io.EOF }, "panicking": func(context.Context) error { panic("boom") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			spans, tp := recorder()
			o := call(func() error {
				return jobs.Run(context.Background(), nil, "n", f, jobs.WithTracerProvider(tp), jobs.WithLogger(zap.New(broken{zap.DebugLevel})))
			})
			if name == "failing" != errors.Is(o.err, io.EOF) || name == "panicking" && o.panicked != "boom" || name != "panicking" && o.panicked != nil {
				t.Errorf("outcome %+v", o)
			}
			last(t, spans)
		})
	}
}
