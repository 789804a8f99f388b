// SPDX-License-Identifier: Apache-2.0

package tracing

import (
	"context"
	"io"
	"net/http"
	"strconv"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"

	"github.com/asynclocal/asynclocal/internal/billing"
	"github.com/asynclocal/asynclocal/internal/text"
)

// finish records the outcome of a request on its span, and ends the span or leaves that to the
// body.
func (t *transport) finish(s trace.Span, res *http.Response, err error) (*http.Response, error) {
	if err != nil {
		t.failRequest(s, err)
	}
	if res == nil {
		s.End()
		return nil, err
	}
	if s.IsRecording() {
		recordResponse(s, res)
	}
	switch {
	case res.Body == nil, res.Body == http.NoBody, res.StatusCode == http.StatusSwitchingProtocols, !s.IsRecording():
		s.End() // for a connection that switches protocols, the span is the handshake
	default:
		res.Body = &body{ReadCloser: res.Body, span: s, op: opOf(s), transport: t}
	}
	return res, err
}

func recordResponse(s trace.Span, res *http.Response) {
	attributes := make([]attribute.KeyValue, 0, 3)
	attributes = append(attributes, semconv.HTTPResponseStatusCode(res.StatusCode))
	if v := protocolVersion(res); v != "" {
		attributes = append(attributes, semconv.NetworkProtocolVersion(v))
	}
	if res.StatusCode >= 400 {
		attributes = append(attributes, semconv.ErrorTypeKey.String(strconv.Itoa(res.StatusCode)))
		s.SetStatus(codes.Error, "")
	}
	s.SetAttributes(attributes...)
}

func protocolVersion(res *http.Response) string {
	if res.ProtoMajor >= 2 {
		return strconv.Itoa(res.ProtoMajor)
	}
	return strings.TrimPrefix(res.Proto, "HTTP/")
}

// failRequest records err, which may quote the URL: no more of the URL is shown than in url.full.
func (t *transport) failRequest(s trace.Span, err error) {
	if s.IsRecording() {
		s.SetStatus(codes.Error, text.ErrorOf(err, maxError, &t.query))
		s.SetAttributes(errorType(err))
	}
}

// errorType names err; cancellation and timeout of a context have no type that would.
func errorType(err error) attribute.KeyValue {
	switch {
	case text.Is(err, context.Canceled):
		return semconv.ErrorTypeKey.String("context.Canceled")
	case text.Is(err, context.DeadlineExceeded):
		return semconv.ErrorTypeKey.String("context.DeadlineExceeded")
	}
	return semconv.ErrorTypeKey.String(nameOf(err))
}

// body ends the span when it has been read to the end, fails, or is closed.
type body struct {
	io.ReadCloser
	span      trace.Span
	op        *billing.Op // nil: no bill
	transport *transport
}

func (b *body) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if b.op != nil && n > 0 {
		b.op.Received(int64(n))
	}
	switch {
	case text.Is(err, io.EOF):
		b.span.End()
	case err != nil:
		b.transport.failRequest(b.span, err)
		b.span.End()
	}
	return n, err
}

func (b *body) Close() error {
	defer b.span.End()
	return b.ReadCloser.Close()
}
