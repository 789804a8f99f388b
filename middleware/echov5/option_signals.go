// SPDX-License-Identifier: Apache-2.0

package echov5

import (
	"go.opentelemetry.io/otel/log"

	"github.com/asynclocal/asynclocal/middleware/adapter"
)

// WithExceptionLogs makes errors and panics log records, as [adapter.WithExceptionLogs] does.
func WithExceptionLogs(lp log.LoggerProvider) Option { return adapter.WithExceptionLogs(lp) }

// WithExceptionEvents makes errors and panics events beside that, as [adapter.WithExceptionEvents]
// does.
func WithExceptionEvents() Option { return adapter.WithExceptionEvents() }

// WithSpanFields puts the fields of logging.Add on the span, as [adapter.WithSpanFields] does.
func WithSpanFields() Option { return adapter.WithSpanFields() }
