// SPDX-License-Identifier: Apache-2.0

// Package otlp decodes exports of the OpenTelemetry protocol, in protobuf and in JSON, as far as it takes to
// find and to order what is in them. An export that is not well-formed is refused as a whole; text that is
// not UTF-8 is mended, and a record that cannot be kept is rejected alone.
//
// https://opentelemetry.io/docs/specs/otlp/
package otlp
