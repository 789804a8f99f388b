// SPDX-License-Identifier: Apache-2.0

package tracing

import (
	"strings"

	"go.opentelemetry.io/otel/propagation"
)

// headerField is the name of a field: as we write it, and as net/http spells it.
type headerField struct{ name, canonical string }

var (
	traceparent  = headerField{"traceparent", "Traceparent"}
	tracestate   = headerField{"tracestate", "Tracestate"}
	baggageField = headerField{"baggage", "Baggage"}
)

// is compares lengths first: EqualFold takes "ſ" for an s, and nearly every key of a carrier names
// another field and differs in length.
func (f *headerField) is(key string) bool {
	return len(key) == len(f.name) && strings.EqualFold(key, f.name)
}

// carrierReader reads fields from a carrier whose keys may be in any case. Brokers and transports
// rewrite case (gRPC lowers it, HTTP canonicalizes it, one nats-server release did one to the
// other), and a reader that insists on one spelling fails silently.
//
// The two map carriers of OpenTelemetry are read as maps: their Keys method copies every key, and
// HeaderCarrier's Get canonicalizes its argument, which allocates, and cannot reach other
// spellings.
type carrierReader struct {
	carrier propagation.TextMapCarrier
	one     [1]string // backs the answer of a carrier that has one value per key

	// For each field, the spelling in the carrier that differs from the one that Set writes. It is
	// looked for once, when the first field is not found, because that takes a walk through the
	// carrier.
	walked                           bool
	traceparent, tracestate, baggage spelling
}

type spelling struct {
	key  string
	many bool // there are several, and no order between them
}

// values returns what the carrier holds under f, in order. The slice is valid until the next call.
func (r *carrierReader) values(f *headerField) []string {
	if values := r.get(r.spells(f)); len(values) > 0 {
		return values
	}
	if !r.walked {
		r.walked = true
		r.walk()
	}
	if s := r.otherwise(f); s.key != "" && !s.many {
		return r.get(s.key)
	}
	return nil
}

// spells returns the spelling of f that the carrier's Set writes.
func (r *carrierReader) spells(f *headerField) string {
	if _, ok := r.carrier.(propagation.HeaderCarrier); ok {
		return f.canonical
	}
	return f.name
}

// otherwise returns the place that holds the other spelling of f.
func (r *carrierReader) otherwise(f *headerField) *spelling {
	switch f {
	case &traceparent:
		return &r.traceparent
	case &tracestate:
		return &r.tracestate
	default:
		return &r.baggage
	}
}

func (r *carrierReader) get(key string) []string {
	switch c := r.carrier.(type) {
	case propagation.HeaderCarrier:
		return c[key]
	case propagation.MapCarrier:
		return r.single(c[key])
	case propagation.ValuesGetter:
		return c.Values(key)
	default:
		return r.single(c.Get(key))
	}
}

// single treats an empty value as absent, because carriers with one value per key cannot tell the
// two apart.
func (r *carrierReader) single(value string) []string {
	if value == "" {
		return nil
	}
	r.one[0] = value
	return r.one[:]
}

func (r *carrierReader) walk() {
	switch c := r.carrier.(type) {
	case propagation.HeaderCarrier:
		for key := range c {
			r.note(key)
		}
	case propagation.MapCarrier:
		for key := range c {
			r.note(key)
		}
	default:
		for _, key := range c.Keys() {
			r.note(key)
		}
	}
}

func (r *carrierReader) note(key string) {
	var f *headerField
	switch {
	case traceparent.is(key):
		f = &traceparent
	case tracestate.is(key):
		f = &tracestate
	case baggageField.is(key):
		f = &baggageField
	default:
		return
	}
	// A carrier that lists a repeated key several times still has it in one spelling.
	if s := r.otherwise(f); key != r.spells(f) && key != s.key {
		s.many = s.key != ""
		s.key = key
	}
}

func writeField(carrier propagation.TextMapCarrier, f *headerField, value string) {
	if c, ok := carrier.(propagation.HeaderCarrier); ok {
		c[f.canonical] = []string{value}
		return
	}
	carrier.Set(f.name, value)
}

// removeField removes f from carrier. Carriers have no method for it: in a carrier of an unknown
// type the value becomes empty, which the specification makes every receiver accept.
func removeField(carrier propagation.TextMapCarrier, f *headerField) {
	switch c := carrier.(type) {
	case propagation.HeaderCarrier:
		delete(c, f.canonical)
		delete(c, f.name)
	case propagation.MapCarrier:
		delete(c, f.name)
	default:
		if carrier.Get(f.name) != "" {
			carrier.Set(f.name, "")
		}
	}
}
