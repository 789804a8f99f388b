// SPDX-License-Identifier: Apache-2.0

// Package httpconv turns the parts of an HTTP request into the values that the OpenTelemetry
// semantic conventions for HTTP servers define. Its input comes from the network: every value that
// it returns is valid UTF-8 and bounded in length.
//
// Source: https://opentelemetry.io/docs/specs/semconv/http/http-spans/, the stable conventions of
// semconv v1.43.0.
package httpconv
