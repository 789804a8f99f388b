// SPDX-License-Identifier: Apache-2.0

package exchange

import (
	"context"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/semconv/v1.43.0/httpconv"
)

// metrics are the instruments of a Server. Those that were not asked for are nil.
type metrics struct {
	duration     metric.Float64Histogram
	requestSize  metric.Int64Histogram
	responseSize metric.Int64Histogram
	active       metric.Int64UpDownCounter
}

func newMetrics(c *Config) (m metrics) {
	meter := c.MeterProvider.Meter(c.ScopeName,
		metric.WithInstrumentationVersion(c.ScopeVersion), metric.WithSchemaURL(semconv.SchemaURL))
	duration, err := httpconv.NewServerRequestDuration(meter)
	report(err)
	m.duration = duration.Inst()
	if c.BodySizes {
		request, err := httpconv.NewServerRequestBodySize(meter)
		report(err)
		response, err := httpconv.NewServerResponseBodySize(meter)
		report(err)
		m.requestSize, m.responseSize = request.Inst(), response.Inst()
	}
	if c.ActiveRequests {
		active, err := httpconv.NewServerActiveRequests(meter)
		report(err)
		m.active = active.Inst()
	}
	return m
}

// report hands a provider's error to OpenTelemetry's error handler: an instrument
// that cannot be made records nothing, and the server serves.
func report(err error) {
	if err != nil {
		otel.Handle(err)
	}
}

// measurement is what the metrics of an exchange have as attributes, less the
// route. All of it is bounded: nothing in it is a word of the client's.
type measurement struct {
	status    int
	scheme    string
	version   string
	errorType string
}

// variant is a measurement of a route with the option that is made of it once.
type variant struct {
	measurement
	options []metric.RecordOption
}

// maxVariants bounds what is kept of a route; more are made anew each time.
const maxVariants = 32

func (s *Server) options(r *route, m measurement) []metric.RecordOption {
	list := r.variants.Load()
	if list != nil {
		for i := range *list {
			if (*list)[i].measurement == m {
				return (*list)[i].options
			}
		}
	}
	v := variant{m, []metric.RecordOption{
		metric.WithAttributeSet(attribute.NewSet(s.metricAttributes(r, m, nil)...)),
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

// metricAttributes returns extra with the conventions' attributes, which win.
func (s *Server) metricAttributes(r *route, m measurement, extra []attribute.KeyValue) []attribute.KeyValue {
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
	return s.appendServerName(all)
}

// appendServerName adds the configured name. The Host header is the client's word:
// on a metric it would be a time series for whatever a scanner sends.
func (s *Server) appendServerName(all []attribute.KeyValue) []attribute.KeyValue {
	if s.address.Valid() {
		all = append(all, s.address)
		if s.port != 0 {
			all = append(all, semconv.ServerPort(s.port))
		}
	}
	return all
}

// record records an exchange that ended.
func (s *Server) record(ctx context.Context, x *Exchange, seconds float64, m measurement, extra []attribute.KeyValue) {
	var options []metric.RecordOption
	if len(extra) == 0 {
		options = s.options(x.route, m)
	} else {
		options = []metric.RecordOption{
			metric.WithAttributeSet(attribute.NewSet(s.metricAttributes(x.route, m, extra)...)),
		}
	}
	s.metrics.duration.Record(ctx, seconds, options...)
	if s.metrics.requestSize != nil {
		s.metrics.requestSize.Record(ctx, x.RequestSize(), options...)
		s.metrics.responseSize.Record(ctx, x.ResponseSize(), options...)
	}
}

// activeOptions are the attributes of http.server.active_requests, which must be
// the same at the request's start and at its end.
func (s *Server) activeOptions(x *Exchange) metric.AddOption {
	all := []attribute.KeyValue{x.route.method.Attribute, semconv.URLScheme(x.scheme.String())}
	return metric.WithAttributeSet(attribute.NewSet(s.appendServerName(all)...))
}
