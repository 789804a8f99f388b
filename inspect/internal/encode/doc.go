// SPDX-License-Identifier: Apache-2.0

// Package encode writes spans and log lines of this process in OTLP's wire form. The inspector
// takes and keeps all records in that form, so the same bounds, repairs and rules apply to the
// records of this process. The encoder is written by hand for two reasons: the protobuf library
// refuses a message with text that is not UTF-8, which is repaired on arrival here, and messages of
// the generated types would be garbage at once.
package encode
