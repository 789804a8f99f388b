// SPDX-License-Identifier: Apache-2.0

// Package encode writes spans and log lines of this process in OTLP's wire form, the form in which the
// inspector takes and keeps records, no matter where they come from: so the same bounds, repairs and rules hold for
// what comes from next door. It is written by hand because the protobuf library refuses a message with
// text that is not UTF-8, which is mended on arrival here, and because messages of the generated types
// would be garbage at once.
package encode
