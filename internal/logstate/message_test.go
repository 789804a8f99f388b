// SPDX-License-Identifier: Apache-2.0

package logstate_test

import (
	"context"
	"reflect"
	"strings"
	"testing"

	"go.uber.org/goleak"
	"go.uber.org/zap"

	"github.com/asynclocal/asynclocal/internal/logstate"
	"github.com/asynclocal/asynclocal/logging"
	"github.com/asynclocal/asynclocal/store"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestExportIsBounded(t *testing.T) {
	t.Parallel()
	store.NewRequest("").Run(context.Background(), func(ctx context.Context) {
		logging.AddToJobs(ctx, zap.String("long", strings.Repeat("x", 5000)), zap.String("short", "s"))
		if got := logstate.Export(ctx); got != `{"fields":[{"k":"short","v":"s"}]}` {
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
			logstate.Import(ctx, text)
			out = logstate.Export(ctx)
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
			logstate.Import(ctx, text)
			if got := logstate.Export(ctx); got != "" {
				t.Errorf("%q is read as %q", text, got)
			}
		})
	}
	store.Exit(func() { logstate.Import(context.Background(), `{"level":"debug"}`) })
}
