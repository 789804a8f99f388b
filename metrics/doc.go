// SPDX-License-Identifier: Apache-2.0

// Package metrics lets OpenTelemetry's measurements know their request: an exemplar leads to
// the trace that it was measured in, also where a library passes context.Background().
//
//	otel.SetMeterProvider(metrics.Wrap(provider))
//
// A measurement is made with the span of the ctx that it is given. Where that ctx has none,
// the span is the one that a span started with it would be a child of: what the ctx
// carries, else the ambient active one, unless the ctx is of another request. Explicit
// beats ambient.
//
// # Attributes
//
// Nothing is added to a measurement's attributes unless it is asked for, as each distinct
// value is a time series of its own: [WithRequestAttributes] and [WithBaggage], both within
// the bound of [WithLimit].
//
// # Asynchronous instruments
//
// They are the wrapped provider's own. What a callback observes belongs to no request: it
// has no exemplar.
//
// # Cost
//
// A measurement whose ctx has a span costs no allocation more. One whose span was found
// costs one, of 48 bytes; outside of spans none. The provider that does nothing is not wrapped.
package metrics
