// SPDX-License-Identifier: Apache-2.0

package bridgetest_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.uber.org/zap"

	"github.com/asynclocal/asynclocal/logging"
	"github.com/asynclocal/asynclocal/logging/redact"
	"github.com/asynclocal/asynclocal/store"
)

// card masks itself.
type card struct{ Number string }

func (c card) String() string { return "****" + c.Number[len(c.Number)-1:] }

// A map stays a map for a collector, and a list a list, also when it has been looked at.
func TestValuesKeepTheirKinds(t *testing.T) {
	t.Parallel()
	body := map[string]any{"password": "hunter2", "item": "book", "card": card{"4111"}, "list": []any{map[string]string{"password": "hunter2"}, 1},
		"header": http.Header{"Authorization": {"hunter2"}}}
	for name, opts := range map[string][]logging.Option{
		"redaction": {logging.WithRedaction(redact.WithKeys("password"))},
		"recorder":  {logging.WithRedaction(redact.WithKeys("password")), logging.WithFlightRecorder(zap.DebugLevel, 9)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e, core := exported(t, zap.InfoLevel, opts...)
			l := zap.New(core)
			store.NewRequest("r-1").Run(context.Background(), func(ctx context.Context) {
				logging.AddTo(ctx, zap.Any("added", body))
				l = l.With(logging.Ctx(ctx))
				l.Info("m", zap.Any("body", body), zap.Any("bytes", []byte("b")))
				l.Debug("kept", zap.Any("body", body), zap.Any("bytes", []byte("b")))
				logging.Complete(ctx, logging.Outcome{Failed: true})
			})
			if name == "recorder" && len(e.records) != 2 {
				t.Fatalf("%d records", len(e.records))
			}
			for _, r := range e.records {
				kinds := map[attribute.Key]attribute.Type{}
				r.WalkAttributes(func(a attribute.KeyValue) bool {
					kinds[a.Key] = a.Value.Type()
					if text := a.Value.String(); strings.Contains(text, "hunter2") || strings.Contains(text, "4111") {
						t.Errorf("%s is %s", a.Key, text)
					}
					return true
				})
				if kinds["body"] != attribute.MAP || kinds["added"] != attribute.MAP || kinds["bytes"] != attribute.BYTESLICE {
					t.Errorf("%s: the kinds are %v", r.Body().AsString(), kinds)
				}
			}
		})
	}
}
