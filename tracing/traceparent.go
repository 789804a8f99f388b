// SPDX-License-Identifier: Apache-2.0

package tracing

import (
	"encoding/hex"
	"strings"

	"go.opentelemetry.io/otel/trace"
)

// A traceparent of version 00 is 55 characters, with a dash at each of these places. A later
// version begins the same way; if it is longer, a dash follows ("Versioning of traceparent").
const (
	traceparentLength = 55
	dashAfterVersion  = 2
	dashAfterTraceID  = 35
	dashAfterParentID = 52

	// forbiddenVersion is never valid, so it can mean "no version" elsewhere.
	forbiddenVersion = 0xff

	// knownFlags are the flags of Level 2. Senders must set all others to zero, and readers ignore
	// them.
	knownFlags = trace.FlagsSampled | trace.FlagsRandom
)

// parseTraceparent parses s by the grammar of version 00, or by the rule for future versions.
func parseTraceparent(s string) (config trace.SpanContextConfig, ok bool) {
	s = trimOWS(s)
	if len(s) < traceparentLength ||
		s[dashAfterVersion] != '-' || s[dashAfterTraceID] != '-' || s[dashAfterParentID] != '-' {
		return config, false
	}
	version, ok := parseHexByte(s[0], s[1])
	if !ok || version == forbiddenVersion {
		return config, false
	}
	if len(s) > traceparentLength && (version == 0 || s[traceparentLength] != '-') {
		return config, false
	}
	flags, ok := parseHexByte(s[dashAfterParentID+1], s[dashAfterParentID+2])
	if !ok {
		return config, false
	}
	// These two refuse upper case and all zeros, as the grammar does.
	traceID, err := trace.TraceIDFromHex(s[dashAfterVersion+1 : dashAfterTraceID])
	if err != nil {
		return config, false
	}
	spanID, err := trace.SpanIDFromHex(s[dashAfterTraceID+1 : dashAfterParentID])
	if err != nil {
		return config, false
	}
	config.TraceID, config.SpanID = traceID, spanID
	config.TraceFlags = trace.TraceFlags(flags) & knownFlags
	return config, true
}

func formatTraceparent(sc trace.SpanContext) string {
	traceID, spanID := sc.TraceID(), sc.SpanID()
	flags := [1]byte{byte(sc.TraceFlags() & knownFlags)}

	var b [traceparentLength]byte
	b[0], b[1] = '0', '0'
	b[dashAfterVersion], b[dashAfterTraceID], b[dashAfterParentID] = '-', '-', '-'
	hex.Encode(b[dashAfterVersion+1:], traceID[:])
	hex.Encode(b[dashAfterTraceID+1:], spanID[:])
	hex.Encode(b[dashAfterParentID+1:], flags[:])
	return string(b[:])
}

// parseHexByte is used instead of hex.Decode, which accepts upper case, forbidden in traceparent.
func parseHexByte(high, low byte) (b byte, ok bool) {
	h, okHigh := hexDigit(high)
	l, okLow := hexDigit(low)
	return h<<4 | l, okHigh && okLow
}

func hexDigit(c byte) (value byte, ok bool) {
	switch {
	case '0' <= c && c <= '9':
		return c - '0', true
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10, true
	default:
		return 0, false
	}
}

// trimOWS removes optional whitespace as HTTP defines it (RFC 9110, section 5.6.3): spaces and
// tabs, not all of Unicode's spaces. net/http has done so already; other carriers have not.
func trimOWS(s string) string { return strings.Trim(s, " \t") }
