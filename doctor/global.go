// SPDX-License-Identifier: Apache-2.0

package doctor

import (
	"fmt"
	"log/slog"
	"strings"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/asynclocal/asynclocal/internal/placeholder"
	"github.com/asynclocal/asynclocal/logging"
	"github.com/asynclocal/asynclocal/store"
	"github.com/asynclocal/asynclocal/tracing"
)

// global reports a finding about the process: its place is where the doctor was started.
func (d *doctor) global(kind, message, cure string) {
	d.see(site{what: kind + message, where: d.start}, func() *Finding {
		return &Finding{Kind: kind, Message: message, Where: d.start, Cure: cure}
	})
}

func (d *doctor) checkAmbient() {
	if err := store.AmbientError(); err != nil {
		why := store.Require().Error()
		d.global("ambient-off", "contexts do not travel with goroutines: "+err.Error()+" (the way is "+store.AmbientWay()+")",
			cureAmbient+why[strings.LastIndex(why, "; ")+2:])
	}
}

// checkGlobals examines the globals that programs set in main, and so after Start. It runs when
// the first request begins, and whenever the findings are requested.
func (d *doctor) checkGlobals() {
	d.checkProvider(otel.GetTracerProvider())
	if core := zap.L().Core(); writes(core) && !logging.Correlates(core) { //nolint:forbidigo // only asked
		d.global("logger-not-correlated", "zap's global logger does not correlate", cureZap)
	}
	if h := slog.Default().Handler(); !isSlogs(h) && !logging.CorrelatesHandler(h) { //nolint:forbidigo // only asked
		d.global("logger-not-correlated", "slog's default logger does not correlate", cureSlog)
	}
}

// writes reports whether core writes at all: zap's global core does not, until it is replaced.
func writes(core zapcore.Core) bool { return core.Enabled(zapcore.FatalLevel) }

// isSlogs reports whether h is slog's handler from before SetDefault, or writes nothing: such a
// handler is not meant to be correlated.
func isSlogs(h slog.Handler) bool {
	t := fmt.Sprintf("%T", h)
	return t == "*slog.defaultHandler" || t == "slog.discardHandler"
}

func (d *doctor) checkProvider(tp trace.TracerProvider) {
	inner := tracing.Unwrap(tp)
	switch {
	case inner != tp && placeholder.Is(inner):
		d.global("provider-wraps-nothing", "the global TracerProvider was wrapped before one was set: it wraps itself, and its spans go nowhere", cureWrap)
	case inner == tp && !placeholder.Is(tp) && !isNoop(tp):
		d.global("provider-not-wrapped", "the global TracerProvider is not wrapped: spans that are started without a ctx find no parent", cureWrap)
	}
}

func isNoop(tp trace.TracerProvider) bool {
	_, ok := tp.(noop.TracerProvider)
	return ok
}
