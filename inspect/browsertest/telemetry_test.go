// SPDX-License-Identifier: Apache-2.0

package browsertest_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"net/http"
	"testing"
	"time"

	commonv1 "go.opentelemetry.io/proto/otlp/common/v1"
	logsv1 "go.opentelemetry.io/proto/otlp/logs/v1"
	resourcev1 "go.opentelemetry.io/proto/otlp/resource/v1"
	tracev1 "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

const (
	internalSpan = tracev1.Span_SPAN_KIND_INTERNAL
	serverSpan   = tracev1.Span_SPAN_KIND_SERVER
	clientSpan   = tracev1.Span_SPAN_KIND_CLIENT
	producerSpan = tracev1.Span_SPAN_KIND_PRODUCER
	consumerSpan = tracev1.Span_SPAN_KIND_CONSUMER
)

// tid and sid make ids from names.
func tid(name string) []byte { h := sha256.Sum256([]byte("trace " + name)); return h[:16] }
func sid(name string) []byte { h := sha256.Sum256([]byte("span " + name)); return h[:8] }

func str(k, v string) *commonv1.KeyValue {
	return &commonv1.KeyValue{Key: k, Value: &commonv1.AnyValue{Value: &commonv1.AnyValue_StringValue{StringValue: v}}}
}

func num(k string, v int64) *commonv1.KeyValue {
	return &commonv1.KeyValue{Key: k, Value: &commonv1.AnyValue{Value: &commonv1.AnyValue_IntValue{IntValue: v}}}
}

// sender sends telemetry of one trace to an inspector, as one process would.
type sender struct {
	t       *testing.T
	url     string // of the inspector, with its path
	trace   string
	request string
	start   time.Time
}

func (s *sender) at(ms float64) uint64 {
	return uint64(s.start.Add(time.Duration(ms * float64(time.Millisecond))).UnixNano())
}

func (s *sender) span(name, parent string, kind tracev1.Span_SpanKind, from, to float64, attrs ...*commonv1.KeyValue) *tracev1.Span {
	p := &tracev1.Span{
		TraceId: tid(s.trace), SpanId: sid(s.trace + name), Name: name, Kind: kind,
		StartTimeUnixNano: s.at(from), EndTimeUnixNano: s.at(to), Attributes: attrs,
	}
	if s.request != "" {
		p.Attributes = append(p.Attributes, str("request.id", s.request))
	}
	if parent != "" {
		p.ParentSpanId = sid(s.trace + parent)
	}
	return p
}

func (s *sender) line(span, body string, level logsv1.SeverityNumber, ms float64, attrs ...*commonv1.KeyValue) *logsv1.LogRecord {
	l := &logsv1.LogRecord{
		TraceId: tid(s.trace), SpanId: sid(s.trace + span), TimeUnixNano: s.at(ms), SeverityNumber: level, Attributes: attrs,
		Body: &commonv1.AnyValue{Value: &commonv1.AnyValue_StringValue{StringValue: body}},
	}
	if s.request != "" {
		l.Attributes = append(l.Attributes, str("request_id", s.request))
	}
	return l
}

func resource(service string) *resourcev1.Resource {
	return &resourcev1.Resource{Attributes: []*commonv1.KeyValue{str("service.name", service), str("host.name", "dev")}}
}

func (s *sender) sendSpans(service string, spans ...*tracev1.Span) {
	s.t.Helper()
	s.post("traces", &tracev1.TracesData{ResourceSpans: []*tracev1.ResourceSpans{{
		Resource: resource(service), ScopeSpans: []*tracev1.ScopeSpans{{Spans: spans}},
	}}})
}

func (s *sender) sendLogs(service string, lines ...*logsv1.LogRecord) {
	s.t.Helper()
	s.post("logs", &logsv1.LogsData{ResourceLogs: []*logsv1.ResourceLogs{{
		Resource: resource(service), ScopeLogs: []*logsv1.ScopeLogs{{LogRecords: lines}},
	}}})
}

func (s *sender) post(signal string, m proto.Message) {
	s.t.Helper()
	body, err := proto.Marshal(m)
	if err != nil {
		s.t.Fatal(err)
	}
	res, err := http.Post(s.url+"/v1/"+signal, "application/x-protobuf", bytes.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		s.t.Fatalf("POST %s: %s", signal, res.Status)
	}
}

// order is what one order of a shop leaves behind: the API, its database, payments, a bare goroutine
// and the receipt job. It fails where fail says so.
func (s *sender) order(fail bool) {
	s.t.Helper()
	status, level := int64(201), logsv1.SeverityNumber_SEVERITY_NUMBER_INFO
	api := s.span("POST /orders", "", serverSpan, 0, 46.2, str("http.request.method", "POST"), str("http.route", "/orders"),
		str("url.path", "/orders"), str("url.scheme", "http"), str("server.address", "localhost"), num("server.port", 8080), str("user_agent.original", "curl/8.5"))
	charge := s.span("POST /charge", "charge", serverSpan, 16.1, 37.8, str("http.request.method", "POST"), str("http.route", "/charge"))
	if fail {
		status, level = 502, logsv1.SeverityNumber_SEVERITY_NUMBER_ERROR
		for _, p := range []*tracev1.Span{api, charge} {
			p.Status = &tracev1.Status{Code: tracev1.Status_STATUS_CODE_ERROR, Message: "card issuer did not answer within 20ms"}
		}
		charge.Events = []*tracev1.Span_Event{{Name: "exception", TimeUnixNano: s.at(37), Attributes: []*commonv1.KeyValue{
			str("exception.type", "*payments.TimeoutError"), str("exception.message", "card issuer did not answer within 20ms"),
			str("exception.stacktrace", "goroutine 41 [running]:\nmain.(*issuer).charge(0xc000123400)\n\t/src/payments/issuer.go:88 +0x1a4"),
		}}}
	}
	api.Attributes = append(api.Attributes, num("http.response.status_code", status))
	s.sendSpans("payments", charge, s.span("SELECT cards", "POST /charge", clientSpan, 17, 19.4, str("db.system.name", "sqlite"), str("db.query.text", "SELECT token FROM cards WHERE customer = ?")))
	s.sendSpans("shop", api,
		s.span("reserve stock", "POST /orders", internalSpan, 1.2, 12.4),
		s.span("BEGIN", "reserve stock", clientSpan, 1.4, 1.9),
		s.span("UPDATE stock", "reserve stock", clientSpan, 2.1, 9.8, str("db.query.text", "UPDATE stock SET left = left - ? WHERE item = ? AND left >= ?")),
		s.span("COMMIT", "reserve stock", clientSpan, 10, 12.2),
		s.span("charge", "POST /orders", clientSpan, 14.4, 39.6, str("http.request.method", "POST"), str("url.full", "http://127.0.0.1:8081/charge")),
	)
	s.sendLogs("shop",
		s.line("POST /orders", "order received", logsv1.SeverityNumber_SEVERITY_NUMBER_INFO, 0.8, str("item", "book"), num("quantity", 2)),
		s.line("UPDATE stock", "stock reserved", logsv1.SeverityNumber_SEVERITY_NUMBER_DEBUG, 9.9, num("left", 41)),
		s.line("POST /orders", "audit: order placed", logsv1.SeverityNumber_SEVERITY_NUMBER_INFO, 42.1),
		s.line("POST /orders", "request completed", level, 46.1, num("status", status), str("duration", "46.1ms")))
	s.sendLogs("payments", s.line("POST /charge", fmt.Sprintf("charging card, issuer %s", "acme"), logsv1.SeverityNumber_SEVERITY_NUMBER_WARN, 21.5, num("amount", 4200)))
	if !fail {
		s.job()
	}
}

func (s *sender) job() {
	s.t.Helper()
	s.sendSpans("shop", s.span("send send-receipt", "POST /orders", producerSpan, 40.2, 43.5))
	s.sendSpans("worker", s.span("job send-receipt", "send send-receipt", consumerSpan, 1180, 1212.6),
		s.span("write receipt", "job send-receipt", internalSpan, 1183, 1204))
	s.sendLogs("worker", s.line("job send-receipt", "receipt sent", logsv1.SeverityNumber_SEVERITY_NUMBER_INFO, 1210, str("to", "customer@example.com")))
}
