// SPDX-License-Identifier: Apache-2.0

//go:build !asynclocal_noambient

package asynclocal_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"regexp"
	"sync"
	"sync/atomic"

	"go.opentelemetry.io/otel/trace"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// safeBuffer keeps log lines until they are printed.
type safeBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *safeBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

// core is zap's production core without the time, which no output can repeat.
func (b *safeBuffer) core() zapcore.Core {
	config := zap.NewProductionEncoderConfig()
	config.TimeKey = ""
	return zapcore.NewCore(zapcore.NewJSONEncoder(config), zapcore.AddSync(b), zap.InfoLevel)
}

var varying = regexp.MustCompile(`("duration_ms":)[0-9.e-]+`)

func (b *safeBuffer) print(w io.Writer) {
	b.mu.Lock()
	defer b.mu.Unlock()
	_, _ = fmt.Fprint(w, varying.ReplaceAllString(b.buf.String(), "${1}0.31"))
}

// counter numbers traces and spans, so that the output is the same every time.
type counter struct{ n atomic.Uint64 }

func (c *counter) NewIDs(ctx context.Context) (t trace.TraceID, s trace.SpanID) {
	t = trace.TraceID{0x4b, 0xf9, 0x2f, 0x35, 0x77, 0xb3, 0x4d, 0xa6, 0xa3, 0xce, 0x92, 0x9d, 0x0e, 0x0e, 0x47, 0x36}
	return t, c.NewSpanID(ctx, t)
}

func (c *counter) NewSpanID(context.Context, trace.TraceID) (s trace.SpanID) {
	binary.BigEndian.PutUint64(s[:], 0x00f067aa0ba902b6+c.n.Add(1))
	return s
}
