// SPDX-License-Identifier: Apache-2.0

package logging_test

import (
	"context"
	"io"
	"log/slog"
	"slices"
	"testing"

	"go.uber.org/zap"

	"github.com/asynclocal/asynclocal/logging"
	"github.com/asynclocal/asynclocal/logging/redact"
	"github.com/asynclocal/asynclocal/store"
)

func keysOf(attrs []slog.Attr) (keys []string) {
	for _, a := range attrs {
		keys = append(keys, a.Key+"="+a.Value.String())
	}
	return keys
}

func TestACorrelatorLeavesOutWhatTheLineHas(t *testing.T) {
	t.Parallel()
	c := logging.NewCorrelator(logging.WithRedaction(redact.WithKeys("card")))
	store.NewRequest("r-1").Run(withSpan(context.Background(), t, traceA, spanA), func(ctx context.Context) {
		logging.AddTo(ctx, zap.String("user", "u"), zap.String("card", "4242"), zap.Error(io.EOF))
		trace, rest := "trace_id="+traceA, []string{"span_id=" + spanA, "trace_flags=01"}
		for name, tt := range map[string]struct {
			has  []string
			want []string
		}{
			"nothing":    {nil, append([]string{"request_id=r-1", trace}, append(rest, "user=u", "card=REDACTED", "error=EOF")...)},
			"a field":    {[]string{"user"}, append([]string{"request_id=r-1", trace}, append(rest, "card=REDACTED", "error=EOF")...)},
			"a trace id": {[]string{"trace_id"}, []string{"request_id=r-1", "user=u", "card=REDACTED", "error=EOF"}},
			"an id":      {[]string{"request_id"}, append([]string{trace}, append(rest, "user=u", "card=REDACTED", "error=EOF")...)},
		} {
			has := map[string]bool{}
			for _, key := range tt.has {
				has[key] = true
			}
			got := c.Attrs(ctx, nil, zap.InfoLevel, func(key string) bool { return has[key] })
			if !slices.Equal(keysOf(got), tt.want) {
				t.Errorf("%s: got %v, want %v", name, keysOf(got), tt.want)
			}
		}
		first := []slog.Attr{slog.Int("n", 1)}
		if got := c.Attrs(ctx, first, zap.InfoLevel, nil); len(got) != 8 || got[0].Key != "n" {
			t.Errorf("appended: %v", keysOf(got))
		}
	})
	store.Exit(func() {
		if got := c.Attrs(nil, nil, zap.InfoLevel, nil); got != nil {
			t.Errorf("outside: %v", keysOf(got))
		}
	})
	for key, want := range map[string]any{"card": "REDACTED", "n": 1} {
		if got := c.Value(key, 1); got != want {
			t.Errorf("%s is %v, want %v", key, got, want)
		}
	}
}
