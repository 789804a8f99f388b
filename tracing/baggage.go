// SPDX-License-Identifier: Apache-2.0

package tracing

import (
	"context"
	"strings"

	"go.opentelemetry.io/otel/baggage"
	"go.opentelemetry.io/otel/propagation"
)

const (
	// maxBaggageBytes bounds the combined fields. A platform must propagate that many bytes; beyond
	// that it may drop members in any order ("Limits", "Mutating baggage"). The leading members are
	// kept, rather than dropping all: members do not depend on each other, a hop that adds one too
	// many appends it, and the same members survive each time. What lies beyond is never looked at.
	maxBaggageBytes = 8192

	// maxBaggageItems is how many list members the grammar has room for, valid and invalid.
	// baggage.Parse stops at 64 valid ones, but formats an error for each invalid one: 8192 bytes
	// of commas would cost an attacker nothing and us milliseconds.
	maxBaggageItems = 180
)

func injectBaggage(ctx context.Context, carrier propagation.TextMapCarrier) {
	b := baggage.FromContext(ctx)
	if b.Len() == 0 {
		return
	}
	if text := b.String(); text != "" {
		writeField(carrier, &baggageField, text)
	}
}

// extractBaggage does not report the errors of baggage.Parse: the input comes from the network.
func extractBaggage(ctx context.Context, in *carrierReader) context.Context {
	text := leadingItems(joinFields(in.values(&baggageField)))
	if text == "" {
		return ctx
	}
	b, _ := baggage.Parse(text)
	if b.Len() == 0 {
		return ctx
	}
	return baggage.ContextWithBaggage(ctx, b)
}

// joinFields joins only as many bytes as are needed to decide where to cut: the byte past the limit
// tells whether a member ends there.
func joinFields(fields []string) string {
	if len(fields) == 0 {
		return ""
	}
	if len(fields) == 1 {
		return fields[0][:min(len(fields[0]), maxBaggageBytes+1)]
	}
	var b strings.Builder
	for i, f := range fields {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(f[:min(len(f), max(0, maxBaggageBytes+1-b.Len()))])
		if b.Len() > maxBaggageBytes {
			break
		}
	}
	return b.String()
}

// leadingItems cuts text after the last list member that is whole within the limits.
func leadingItems(text string) string {
	end, commas := 0, 0
	for i := range len(text) {
		if text[i] != ',' {
			continue
		}
		end = i
		if commas++; commas == maxBaggageItems {
			return text[:end]
		}
	}
	if len(text) > maxBaggageBytes {
		return text[:end]
	}
	return text
}
