// SPDX-License-Identifier: Apache-2.0

package logruslogging_test

import (
	"context"
	"io"
	"os"
	"reflect"
	"testing"

	"github.com/sirupsen/logrus"
	"go.uber.org/goleak"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/asynclocal/asynclocal/internal/hooktest"
	"github.com/asynclocal/asynclocal/logging"
	logruslogging "github.com/asynclocal/asynclocal/logging/logrus"
	"github.com/asynclocal/asynclocal/logging/redact"
	"github.com/asynclocal/asynclocal/store"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestHook(t *testing.T) {
	t.Parallel()
	hooktest.Test(t, hooktest.Library{
		New: func(w io.Writer, opts ...logging.Option) hooktest.Logger {
			return entry{logrus.NewEntry(newLogger(w, opts...))}
		},
		Hook: func(opts ...logging.Option) { logruslogging.NewHook(opts...) },
	})
}

// newLogger returns one that writes to out, with the hook.
func newLogger(out io.Writer, opts ...logging.Option) *logrus.Logger {
	l := logrus.New()
	l.SetOutput(out)
	l.SetFormatter(&logrus.JSONFormatter{FieldMap: logrus.FieldMap{logrus.FieldKeyMsg: "message"}})
	l.AddHook(logruslogging.NewHook(opts...))
	return l
}

type entry struct{ *logrus.Entry }

func (e entry) Log(ctx context.Context, level zapcore.Level, fields map[string]any) {
	of := e.Entry
	if ctx != nil {
		of = of.WithContext(ctx)
	}
	of.WithFields(fields).Log(logrus.InfoLevel-logrus.Level(level), "m") //nolint:gosec // the levels of both are small
}

func (e entry) Of(ctx context.Context) hooktest.Logger { return entry{e.WithContext(ctx)} }

// What a line has itself is not replaced, what must not be seen is, and an entry that is used
// again has nothing of its last line.
func TestFieldsOfALine(t *testing.T) {
	t.Parallel()
	var out hooktest.Lines
	l := newLogger(&out, logging.WithRedaction(redact.WithKeys("card")))
	entry := l.WithFields(logrus.Fields{"card": "4242", "customer": "own", "headers": map[string][]string{"Cookie": {"c"}}})
	for _, id := range []string{"a", "b"} {
		store.NewRequest(id).Run(context.Background(), func(ctx context.Context) {
			logging.AddTo(ctx, zap.String("customer", "c-17"), zap.String("of", id))
			entry.WithContext(ctx).Info("m")
		})
	}
	store.NewRequest("c").Run(context.Background(), func(ctx context.Context) {
		entry.WithContext(ctx).WithField("request_id", "by hand").Info("m")
	})
	fields := func(id string) map[string]any {
		return map[string]any{"message": "m", "request_id": id, "of": id, "customer": "own", "card": "REDACTED", "headers": map[string]any{}}
	}
	last := fields("by hand")
	delete(last, "of")
	if got, want := out.Decoded(t), []map[string]any{fields("a"), fields("b"), last}; !reflect.DeepEqual(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	if entry.Data["card"] != "4242" || len(entry.Data) != 3 {
		t.Errorf("the entry has %v", entry.Data)
	}
}

func Example() {
	logger := logrus.New()
	logger.SetOutput(os.Stdout)
	logger.SetFormatter(&logrus.TextFormatter{DisableTimestamp: true, DisableColors: true})
	logger.AddHook(logruslogging.NewHook())

	store.NewRequest("r-1").Run(context.Background(), func(ctx context.Context) {
		logging.AddTo(ctx, zap.String("customer", "c-17"))
		logger.WithContext(ctx).WithField("item", "book").Info("sold")
	})
	// Output: level=info msg=sold customer=c-17 item=book request_id=r-1
}
