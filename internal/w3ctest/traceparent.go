// SPDX-License-Identifier: Apache-2.0

package w3ctest

import (
	"maps"
	"strings"
)

// Cases follow the public test suite at its strictest (STRICT_LEVEL and SPEC_LEVEL 2), by the names
// of its cases, with some additional messages. Its cases that need several callbacks are in [Run].
var Cases = func() map[string][]Request {
	all := maps.Clone(parentCases)
	maps.Copy(all, stateCases)
	return all
}()

var parentCases = map[string][]Request{
	"both_traceparent_and_tracestate_missing": {restarts("")},
	"traceparent_included_tracestate_missing": {continues(parent(Sampled))},
	"traceparent_duplicated": {
		restarts(join(parent("00-12345678901234567890123456789011-"+Parent+"-01"), parent(Sampled))),
		restarts(join(parent(Sampled), parent(Sampled))),
	},
	"traceparent_header_name": {restarts("trace-parent: " + Sampled), restarts("trace.parent: " + Sampled)},
	"traceparent_header_name_valid_casing": {
		continues("TraceParent: " + Sampled),
		continues("TrAcEpArEnT: " + Sampled),
		continues("TRACEPARENT: " + Sampled),
	},
	"traceparent_version_0x00": {
		restarts(parent(Sampled + ".")),
		restarts(parent(Sampled + "-")),
		restarts(parent(Sampled + "-what-the-future-will-be-like")),
	},
	"traceparent_version_0xcc": {
		continues(parent("cc" + Sampled[2:])),
		continues(parent("cc" + Sampled[2:] + "-what-the-future-will-be-like")),
		continues(parent("01" + Sampled[2:] + "-")),
		restarts(parent("cc" + Sampled[2:] + ".what-the-future-will-be-like")),
		restarts(parent("cc" + Sampled[2:54])),
	},
	"traceparent_version_0xff": {restarts(parent("ff" + Sampled[2:]))},
	"traceparent_version_illegal_characters": {
		restarts(parent(".0" + Sampled[2:])),
		restarts(parent("0." + Sampled[2:])),
		restarts(parent("CC" + Sampled[2:])),
	},
	"traceparent_version_too_long":  {restarts(parent("0" + Sampled)), restarts(parent("00" + Sampled))},
	"traceparent_version_too_short": {restarts(parent(Sampled[1:]))},
	"traceparent_trace_id_all_zero": {restarts(parent("00-" + strings.Repeat("0", 32) + "-" + Parent + "-01"))},
	"traceparent_trace_id_illegal_characters": {
		restarts(parent("00-." + Trace[1:] + "-" + Parent + "-01")),
		restarts(parent("00-" + Trace[:31] + ".-" + Parent + "-01")),
		restarts(parent("00-" + Trace[:31] + "A-" + Parent + "-01")),
	},
	"traceparent_trace_id_too_long":  {restarts(parent("00-" + Trace + "3-" + Parent + "-01"))},
	"traceparent_trace_id_too_short": {restarts(parent("00-" + Trace[:31] + "-" + Parent + "-01"))},
	"traceparent_parent_id_all_zero": {restarts(parent("00-" + Trace + "-0000000000000000-01"))},
	"traceparent_parent_id_illegal_characters": {
		restarts(parent("00-" + Trace + "-." + Parent[1:] + "-01")),
		restarts(parent("00-" + Trace + "-" + Parent[:15] + ".-01")),
		restarts(parent("00-" + Trace + "-" + Parent[:15] + "F-01")),
	},
	"traceparent_parent_id_too_long":  {restarts(parent("00-" + Trace + "-" + Parent + "7-01"))},
	"traceparent_parent_id_too_short": {restarts(parent("00-" + Trace + "-" + Parent[:15] + "-01"))},
	"traceparent_trace_flags_illegal_characters": {
		restarts(parent(Sampled[:53] + ".0")),
		restarts(parent(Sampled[:53] + "0.")),
		restarts(parent(Sampled[:53] + "0A")),
	},
	"traceparent_trace_flags_too_long":  {restarts(parent(Sampled[:53] + "001"))},
	"traceparent_trace_flags_too_short": {restarts(parent(Sampled[:53] + "1"))},
	"traceparent_ows_handling": {
		continues(parent(" " + Sampled)),
		continues(parent("\t" + Sampled)),
		continues(parent(Sampled + " ")),
		continues(parent(Sampled + "\t")),
		continues(parent("\t " + Sampled + " \t")),
	},
	"propagates_random_flag": {continues(parent(Sampled[:53] + "02"))},
}
