// SPDX-License-Identifier: Apache-2.0

package tracing

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"
)

// finish records how a request went on its span, and ends that, or has the body
// end it.
func finish(s trace.Span, res *http.Response, err error) (*http.Response, error) {
	if err != nil {
		failRequest(s, err)
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
		s.End() // of a connection that is switched, the span is the handshake
	default:
		res.Body = &body{ReadCloser: res.Body, span: s}
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

func failRequest(s trace.Span, err error) {
	s.SetStatus(codes.Error, err.Error())
	s.SetAttributes(errorType(err))
}

// errorType names err; the two ends that a context brings have no type that would.
func errorType(err error) attribute.KeyValue {
	switch {
	case errors.Is(err, context.Canceled):
		return semconv.ErrorTypeKey.String("context.Canceled")
	case errors.Is(err, context.DeadlineExceeded):
		return semconv.ErrorTypeKey.String("context.DeadlineExceeded")
	}
	return semconv.ErrorType(err)
}

// body ends the span when it has been read to the end, fails, or is closed.
type body struct {
	io.ReadCloser
	span trace.Span
}

func (b *body) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	switch {
	case errors.Is(err, io.EOF):
		b.span.End()
	case err != nil:
		failRequest(b.span, err)
		b.span.End()
	}
	return n, err
}

func (b *body) Close() error {
	defer b.span.End()
	return b.ReadCloser.Close()
}
