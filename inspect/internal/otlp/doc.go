// SPDX-License-Identifier: Apache-2.0

// Package otlp decodes exports of the OpenTelemetry protocol, in protobuf and in JSON, as far as
// needed to find and order the records in them. A malformed export is refused as a whole; text that
// is not UTF-8 is repaired, and a record that cannot be kept is rejected alone.
//
// https://opentelemetry.io/docs/specs/otlp/
package otlp
