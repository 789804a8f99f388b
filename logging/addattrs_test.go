// SPDX-License-Identifier: Apache-2.0

package logging_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/asynclocal/asynclocal/logging"
	"github.com/asynclocal/asynclocal/store"
)

// bare has neither time, level nor message: what is left is what was added.
func bare(_ []string, a slog.Attr) slog.Attr {
	switch a.Key {
	case slog.TimeKey, slog.LevelKey, slog.MessageKey, "request_id":
		return slog.Attr{}
	}
	return a
}

// twice is a group with two of itself.
type twice struct{}

func (twice) LogValue() slog.Value {
	return slog.GroupValue(slog.Any("a", twice{}), slog.Any("b", twice{}))
}

type asked struct{ f func() slog.Value }

func (v asked) LogValue() slog.Value { return v.f() }

// Attributes are on the lines of slog and of zap, as either would have written them.
func TestAttributesAreOnEveryLineOfTheRequest(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		attrs            []slog.Attr
		json, text, zaps string
	}{
		"scalars": {
			[]slog.Attr{slog.String("s", "a b"), slog.Int("i", -1), slog.Uint64("u", 1<<63), slog.Float64("f", 0.5), slog.Bool("b", true)},
			`{"s":"a b","i":-1,"u":9223372036854775808,"f":0.5,"b":true}`, `s="a b" i=-1 u=9223372036854775808 f=0.5 b=true`,
			`{"s":"a b","i":-1,"u":9223372036854775808,"f":0.5,"b":true}`,
		},
		"times": {
			[]slog.Attr{slog.Duration("d", time.Second), slog.Time("t", time.Unix(5, 0).UTC())},
			`{"d":1000000000,"t":"1970-01-01T00:00:05Z"}`, `d=1s t=1970-01-01T00:00:05.000Z`, `{"d":1,"t":5}`,
		},
		"groups": {
			[]slog.Attr{slog.Group("g", slog.Int("a", 1), slog.Group("h", slog.String("b", "c"))), slog.Group("", slog.Int("in", 2)), slog.Group("empty"), {}},
			`{"g":{"a":1,"h":{"b":"c"}},"in":2}`, `g.a=1 g.h.b=c in=2`, `{"g":{"a":1,"h":{"b":"c"}},"in":2}`,
		},
		"others": {
			[]slog.Attr{slog.Any("e", errors.New("boom")), slog.Any("m", map[string]int{"k": 1}), slog.Any("n", nil), slog.Any("v", asked{func() slog.Value { return slog.IntValue(7) }})},
			`{"e":"boom","m":{"k":1},"n":null,"v":7}`, `e=boom m=map[k:1] n=<nil> v=7`, `{"e":"boom","m":{"k":1},"n":null,"v":7}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var j, x, z bytes.Buffer
			opts := &slog.HandlerOptions{ReplaceAttr: bare}
			lines := []*slog.Logger{slog.New(logging.NewHandler(slog.NewJSONHandler(&j, opts))), slog.New(logging.NewHandler(slog.NewTextHandler(&x, opts)))}
			enc := zapcore.EncoderConfig{EncodeDuration: zapcore.SecondsDurationEncoder, EncodeTime: zapcore.EpochTimeEncoder}
			core := zapcore.NewCore(zapcore.NewJSONEncoder(enc), zapcore.AddSync(&z), zap.InfoLevel)
			store.NewRequest("r").Run(context.Background(), func(ctx context.Context) {
				logging.AddAttrsTo(ctx, tt.attrs...)
				for _, l := range lines {
					l.InfoContext(ctx, "m")
				}
				zap.New(core, logging.Correlate(logging.WithScheme(logging.Custom(logging.Keys{TraceID: "t"})))).Info("m", logging.Ctx(ctx))
			})
			for what, got := range map[string][2]string{"json": {j.String(), tt.json}, "text": {x.String(), tt.text}, "zap": {z.String(), tt.zaps}} {
				if strings.TrimSpace(got[0]) != got[1] {
					t.Errorf("%s\n got %s\nwant %s", what, got[0], got[1])
				}
			}
		})
	}
}

func TestAttributesAreAddedToTheGoroutinesRequest(t *testing.T) {
	t.Parallel()
	if !store.Ambient() {
		t.Skip("without the ambient half")
	}
	var b bytes.Buffer
	l := slog.New(logging.NewHandler(slog.NewTextHandler(&b, &slog.HandlerOptions{ReplaceAttr: bare})))
	logging.AddAttrs(slog.Int("nowhere", 1))
	store.NewRequest("r").Run(context.Background(), func(context.Context) {
		logging.AddAttrs(slog.Int("a", 1))
		logging.AddAttrs(slog.Int("a", 2))
		l.Info("m")
	})
	if b.String() != "a=2\n" {
		t.Errorf("%q", b.String())
	}
}

func TestAHostileAttributeCostsItself(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	l := slog.New(logging.NewHandler(slog.NewTextHandler(&b, &slog.HandlerOptions{ReplaceAttr: bare})))
	store.NewRequest("r").Run(context.Background(), func(ctx context.Context) {
		logging.AddAttrsTo(ctx, slog.Any("exits", asked{func() slog.Value { panic("hostile") }}), slog.Any("endless", asked{func() slog.Value { return slog.AnyValue(twice{}) }}))
		logging.AddAttrsTo(ctx, slog.Int("last", 1))
		l.InfoContext(ctx, "m")
	})
	if !strings.HasSuffix(b.String(), "last=1\n") || !strings.Contains(b.String(), "exits=") || b.Len() > 1<<20 {
		t.Errorf("%.300q", b.String())
	}
}

func TestLevelsOfSlog(t *testing.T) {
	t.Parallel()
	for l, want := range map[slog.Level]zapcore.Level{slog.LevelDebug: zap.DebugLevel, slog.LevelInfo: zap.InfoLevel, slog.LevelInfo + 3: zap.InfoLevel, slog.LevelWarn: zap.WarnLevel, slog.LevelError: zap.ErrorLevel, slog.LevelDebug - 4: -2} {
		if got := logging.SlogLevel(l); got != want {
			t.Errorf("%v is %v, want %v", l, got, want)
		}
	}
}
