// SPDX-License-Identifier: Apache-2.0

package adapter

import (
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/semconv/v1.43.0/httpconv"
)

// metrics are the instruments of an Instrumentation. Instruments that were not asked for are nil.
type metrics struct {
	duration     metric.Float64Histogram
	requestSize  metric.Int64Histogram
	responseSize metric.Int64Histogram
	active       metric.Int64UpDownCounter
}

func newMetrics(scope Scope, c *config) (m metrics) {
	meter := c.meterProvider.Meter(scope.Name,
		metric.WithInstrumentationVersion(scope.Version), metric.WithSchemaURL(semconv.SchemaURL))
	duration, err := httpconv.NewServerRequestDuration(meter)
	report(err)
	m.duration = duration.Inst()
	if c.bodySizes {
		request, err := httpconv.NewServerRequestBodySize(meter)
		report(err)
		response, err := httpconv.NewServerResponseBodySize(meter)
		report(err)
		m.requestSize, m.responseSize = request.Inst(), response.Inst()
	}
	if c.activeRequests {
		active, err := httpconv.NewServerActiveRequests(meter)
		report(err)
		m.active = active.Inst()
	}
	return m
}

// report hands a provider's error to OpenTelemetry's error handler: an instrument that cannot be
// made records nothing, and the server continues.
func report(err error) {
	if err != nil {
		otel.Handle(err)
	}
}

// begin counts a new exchange.
func (m *metrics) begin(x *Exchange) {
	if m.active != nil {
		m.active.Add(x.ctx, 1, x.inst.activeOptions(x))
	}
}

// measure records an exchange that ended, with attributes beyond the conventions'.
func (x *Exchange) measure(extra []attribute.KeyValue, r result, elapsed time.Duration) {
	m := &x.inst.metrics
	if m.active != nil {
		defer func() { m.active.Add(x.ctx, -1, x.inst.activeOptions(x)) }()
	}
	options := x.inst.options(x.route, measurement{r.status, x.scheme.String(), x.version(), r.errorType}, extra)
	m.duration.Record(x.ctx, elapsed.Seconds(), options...)
	if m.requestSize != nil {
		m.requestSize.Record(x.ctx, x.read.Load(), options...)
		m.responseSize.Record(x.ctx, x.size.Load(), options...)
	}
}

// measurement holds the attributes of the metrics of an exchange, except the route. All of it is
// bounded: the client cannot choose any value.
type measurement struct {
	status    int
	scheme    string
	version   string
	errorType string
}

// variant is a measurement of a route, with the option made from it once.
type variant struct {
	measurement
	options []metric.RecordOption
}

// maxVariants bounds what is kept for a route; further ones are made anew each time.
const maxVariants = 32

func (i *Instrumentation) options(r *route, m measurement, extra []attribute.KeyValue) []metric.RecordOption {
	if len(extra) > 0 {
		return []metric.RecordOption{metric.WithAttributeSet(attribute.NewSet(i.measured(r, m, extra)...))}
	}
	list := r.variants.Load()
	if list != nil {
		for k := range *list {
			if (*list)[k].measurement == m {
				return (*list)[k].options
			}
		}
	}
	v := variant{m, []metric.RecordOption{
		metric.WithAttributeSet(attribute.NewSet(i.measured(r, m, nil)...)),
	}}
	r.keep(v)
	return v.options
}

func (r *route) keep(v variant) {
	r.mu.Lock()
	defer r.mu.Unlock()
	var next []variant
	if list := r.variants.Load(); list != nil {
		if len(*list) >= maxVariants {
			return
		}
		next = append(next, *list...)
	}
	next = append(next, v)
	r.variants.Store(&next)
}

// measured returns extra with the conventions' attributes added, which win.
func (i *Instrumentation) measured(r *route, m measurement, extra []attribute.KeyValue) []attribute.KeyValue {
	all := make([]attribute.KeyValue, 0, len(extra)+8)
	all = append(all, extra...)
	all = append(all, r.method.Attribute, semconv.URLScheme(m.scheme))
	if r.path != "" {
		all = append(all, r.attr)
	}
	if m.status != 0 {
		all = append(all, semconv.HTTPResponseStatusCode(m.status))
	}
	if m.version != "" {
		all = append(all, semconv.NetworkProtocolVersion(m.version))
	}
	if m.errorType != "" {
		all = append(all, semconv.ErrorTypeKey.String(m.errorType))
	}
	return i.appendServerName(all)
}

// activeOptions returns the attributes of http.server.active_requests, which must be the same at
// the start and at the end of the request.
func (i *Instrumentation) activeOptions(x *Exchange) metric.AddOption {
	all := []attribute.KeyValue{x.route.method.Attribute, semconv.URLScheme(x.scheme.String())}
	return metric.WithAttributeSet(attribute.NewSet(i.appendServerName(all)...))
}
