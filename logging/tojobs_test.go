// SPDX-License-Identifier: Apache-2.0

package logging_test

import (
	"context"
	"testing"

	"go.uber.org/zap"

	"github.com/asynclocal/asynclocal/internal/logstate"
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
		sent = logstate.Export(ctx)
	})
	var s sink
	l := zap.New(s.core(zap.InfoLevel), logging.Correlate())
	store.NewRequest("r-1").Run(context.Background(), func(ctx context.Context) {
		logstate.Import(ctx, sent)
		l.With(logging.Ctx(ctx)).Debug("m")
		if again := logstate.Export(ctx); again != sent {
			t.Errorf("the job's own jobs get %q, want %q", again, sent)
		}
	})
	want := `{"level":"debug","msg":"m","request_id":"r-1","user":"last","name":"Zoë 𝄞","big":1152921504606846976,"b":true,"f":1.5,"list":[1,2],"nil":null}`
	if got := s.raw(); len(got) != 1 || got[0] != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
