// SPDX-License-Identifier: Apache-2.0

package redact_test

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/asynclocal/asynclocal/logging/redact"
)

const secretText = "hunter2"

type login struct {
	User     string
	Password redact.Secret
	inner    redact.Secret
	Nested   *struct{ S redact.Secret } `json:",omitempty"`
}

func TestASecretPrintsAsSuchEverywhere(t *testing.T) {
	t.Parallel()
	s := redact.NewSecret(secretText)
	if s.Reveal() != secretText || (redact.Secret{}).Reveal() != "" {
		t.Error("Reveal does not return the text")
	}
	v := login{User: "u", Password: s, inner: s, Nested: &struct{ S redact.Secret }{s}}
	var out strings.Builder
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%10s", "%t", "%T"} {
		fmt.Fprintf(&out, verb+verb+verb+verb, s, &s, v, []any{s, map[string]any{"k": s}})
	}
	for _, marshal := range []func(any) ([]byte, error){json.Marshal, xml.Marshal} {
		text, err := marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		out.Write(text)
	}
	l := zap.New(zapcore.NewCore(zapcore.NewJSONEncoder(zap.NewProductionEncoderConfig()), zapcore.AddSync(&out), zap.DebugLevel))
	l.Info("m", zap.Any("any", s), zap.Stringer("stringer", s), zap.Reflect("reflect", v), zap.Any("list", []redact.Secret{s}))
	l.Sugar().Infow(fmt.Sprint(s), "secret", s, "struct", v)
	for _, h := range []slog.Handler{slog.NewJSONHandler(&out, nil), slog.NewTextHandler(&out, nil)} {
		slog.New(h).Info("m", "secret", s, "struct", v, "group", slog.GroupValue(slog.Any("s", s)))
	}
	if strings.Contains(out.String(), secretText) || strings.Contains(out.String(), "68756e74657232") {
		t.Errorf("the secret is in %s", out.String())
	}
	if n := strings.Count(out.String(), "REDACTED"); n < 40 {
		t.Errorf("REDACTED comes %d times only in %s", n, out.String())
	}
}

func TestASecretCanBeDecoded(t *testing.T) {
	t.Parallel()
	var v login
	if err := json.Unmarshal([]byte(`{"User":"u","Password":"`+secretText+`"}`), &v); err != nil || v.Password.Reveal() != secretText {
		t.Errorf("%v, %q", err, v.Password.Reveal())
	}
}
