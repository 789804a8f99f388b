// SPDX-License-Identifier: Apache-2.0

package logging_test

import (
	"context"
	"reflect"
	"strings"
	"testing"

	"go.uber.org/zap"

	"github.com/asynclocal/asynclocal/logging"
	"github.com/asynclocal/asynclocal/store"
)

func TestJobsLogAsTheirRequestDoes(t *testing.T) {
	t.Parallel()
	var sent string
	store.NewRequest("r-1").Run(context.Background(), func(ctx context.Context) {
		logging.SetLevel(ctx, zap.DebugLevel)
		logging.AddTo(ctx, zap.String("mine", "stays"))
		logging.AddToJobs(ctx, zap.String("user", "first"), zap.String("name", "Zoë 𝄞"), zap.Int64("big", 1<<60), zap.Bool("b", true), zap.Float64("f", 1.5))
		logging.AddToJobs(ctx, zap.Any("list", []int{1, 2}), zap.Reflect("nil", nil))
		logging.AddTo(ctx, zap.String("user", "last"))
		sent = logging.Export(ctx)
	})
	var s sink
	l := zap.New(s.core(zap.InfoLevel), logging.Correlate())
	store.NewRequest("r-1").Run(context.Background(), func(ctx context.Context) {
		logging.Import(ctx, sent)
		l.With(logging.Ctx(ctx)).Debug("m")
		if again := logging.Export(ctx); again != sent {
			t.Errorf("the job's own jobs get %q, want %q", again, sent)
		}
	})
	want := `{"level":"debug","msg":"m","request_id":"r-1","user":"last","name":"Zoë 𝄞","big":1152921504606846976,"b":true,"f":1.5,"list":[1,2],"nil":null}`
	if got := s.raw(); len(got) != 1 || got[0] != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestExportIsBounded(t *testing.T) {
	t.Parallel()
	store.NewRequest("").Run(context.Background(), func(ctx context.Context) {
		logging.AddToJobs(ctx, zap.String("long", strings.Repeat("x", 5000)), zap.String("short", "s"))
		if got := logging.Export(ctx); got != `{"fields":[{"k":"short","v":"s"}]}` {
			t.Errorf("got %q", got)
		}
	})
}

// FuzzImport holds that a stranger's text is Export's or nothing, and that what
// was read is exported again as something that reads the same.
func FuzzImport(f *testing.F) {
	for _, s := range []string{
		``, `{}`, `null`, `[]`, `{"level":"debug"}`, `{"level":"loud"}`, `{"level":7}`, `{"fields":[{"k":"a","v":1}]}`,
		`{"fields":[{"k":"","v":1},{"k":"a"},{"k":"b","v":{"x":[1,null,"y"]}},{"k":"b","v":1e400}]}`,
		`{"other":1}`, `{"level":"info"} {}`, strings.Repeat("x", 5000), `{"fields":[{"k":"a","v":` + strings.Repeat("[", 900) + `}]}`,
	} {
		f.Add(s)
	}
	exported := func(text string) (out string) {
		store.NewRequest("").Run(context.Background(), func(ctx context.Context) {
			logging.Import(ctx, text)
			out = logging.Export(ctx)
		})
		return out
	}
	f.Fuzz(func(t *testing.T, text string) {
		once := exported(text)
		if twice := exported(once); !reflect.DeepEqual(twice, once) {
			t.Errorf("%q becomes %q, and then %q", text, once, twice)
		}
		if len(once) > 4096 {
			t.Errorf("%d bytes", len(once))
		}
		if i := strings.IndexFunc(once, func(r rune) bool { return r < ' ' || r > '~' }); i >= 0 {
			t.Errorf("%q cannot be in a header", once)
		}
	})
}

func TestWhatIsNotAnExportIsIgnored(t *testing.T) {
	t.Parallel()
	for _, text := range []string{`{"level":"loud"}`, `{"level":"debug","x":1}`, `{"level":"debug"}{}`, `{"fields":7}`, `{`} {
		store.NewRequest("").Run(context.Background(), func(ctx context.Context) {
			logging.Import(ctx, text)
			if got := logging.Export(ctx); got != "" {
				t.Errorf("%q is read as %q", text, got)
			}
		})
	}
	store.Exit(func() { logging.Import(context.Background(), `{"level":"debug"}`) })
}
