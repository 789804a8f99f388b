// SPDX-License-Identifier: Apache-2.0

// Package metrics connects OpenTelemetry's measurements to their request: an exemplar leads to the
// trace that it was measured in, even if a library passes context.Background().
//
//	otel.SetMeterProvider(metrics.Wrap(provider))
//
// A measurement is made with the span of its ctx. If ctx has no span, it is made with the parent
// that a span started with ctx would have: the span that ctx carries, else the ambient active one,
// unless ctx belongs to another request. Explicit wins over ambient.
//
// # Attributes
//
// By default nothing is added to a measurement's attributes, because each distinct value is a
// separate time series. [WithRequestAttributes] and [WithBaggage] add attributes, both within the
// bound of [WithLimit].
//
// # Asynchronous instruments
//
// Asynchronous instruments are the wrapped provider's own. An observation in a callback belongs to
// no request: it has no exemplar.
//
// # Cost
//
// A measurement whose ctx has a span costs no extra allocation. One whose span was found costs one,
// of 48 bytes; outside spans there is no extra allocation. The no-op provider is not wrapped.
package metrics
