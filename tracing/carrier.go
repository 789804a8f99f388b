// SPDX-License-Identifier: Apache-2.0

package tracing

import (
	"strings"

	"go.opentelemetry.io/otel/propagation"
)

// headerField is the name of a header field: as we write it, and as net/http spells it.
type headerField struct{ name, canonical string }

var (
	traceparent  = headerField{"traceparent", "Traceparent"}
	tracestate   = headerField{"tracestate", "Tracestate"}
	baggageField = headerField{"baggage", "Baggage"}
)

// carrierReader reads fields from a carrier whose keys may be in any case. Brokers and transports rewrite
// case (gRPC lowers it, HTTP canonicalises it, a nats-server release did one to the other), and a
// reader that insists on one spelling fails without a word.
type carrierReader struct {
	carrier propagation.TextMapCarrier
	keys    []string // what the carrier listed, asked for at most once
	listed  bool
	one     [1]string // backs the answer of a carrier that has one value a key
}

// values returns what the carrier holds under f, in order. The slice is valid until the next call.
//
// The two map carriers of OpenTelemetry are read as maps: their Keys method copies every key, and
// HeaderCarrier's Get canonicalises its argument, an allocation, and cannot reach other spellings.
func (r *carrierReader) values(f headerField) []string {
	switch c := r.carrier.(type) {
	case propagation.HeaderCarrier:
		if values := c[f.canonical]; len(values) > 0 {
			return values
		}
		values, _ := anySpelling(c, f.name)
		return values
	case propagation.MapCarrier:
		value, ok := c[f.name]
		if !ok {
			value, ok = anySpelling(c, f.name)
		}
		return r.single(value, ok)
	default:
		if values := r.ask(f.name); len(values) > 0 {
			return values
		}
		return r.askOtherwise(f.name)
	}
}

// ask asks a carrier of unknown make for key.
func (r *carrierReader) ask(key string) []string {
	if c, ok := r.carrier.(propagation.ValuesGetter); ok {
		return c.Values(key)
	}
	value := r.carrier.Get(key)
	return r.single(value, value != "")
}

// askOtherwise asks for name in the spelling the carrier lists it in.
func (r *carrierReader) askOtherwise(name string) []string {
	if !r.listed {
		r.keys, r.listed = r.carrier.Keys(), true
	}
	spelling := ""
	for _, key := range r.keys {
		switch {
		case key == name || key == spelling || !sameName(key, name):
		case spelling != "":
			return nil
		default:
			spelling = key
		}
	}
	if spelling == "" {
		return nil
	}
	return r.ask(spelling)
}

func (r *carrierReader) single(value string, ok bool) []string {
	if !ok {
		return nil
	}
	r.one[0] = value
	return r.one[:]
}

// anySpelling returns m's value for name in whatever case it is spelled, if it is spelled in one.
func anySpelling[V any](m map[string]V, name string) (value V, ok bool) {
	for key, v := range m {
		if !sameName(key, name) {
			continue
		}
		if ok {
			var none V
			return none, false
		}
		value, ok = v, true
	}
	return value, ok
}

// sameName compares lengths first because EqualFold takes "ſ" for an s, and because it is cheap.
func sameName(key, name string) bool {
	return len(key) == len(name) && strings.EqualFold(key, name)
}

func writeField(carrier propagation.TextMapCarrier, f headerField, value string) {
	if c, ok := carrier.(propagation.HeaderCarrier); ok {
		c[f.canonical] = []string{value}
		return
	}
	carrier.Set(f.name, value)
}

// removeField takes f out of carrier. Carriers have no method for it: in one of unknown make the value
// becomes empty, which the specification has every receiver accept.
func removeField(carrier propagation.TextMapCarrier, f headerField) {
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
