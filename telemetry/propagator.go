// SPDX-License-Identifier: Apache-2.0

package telemetry

import (
	"fmt"
	"slices"
	"strings"

	"go.opentelemetry.io/contrib/propagators/autoprop"
	"go.opentelemetry.io/otel/propagation"

	"github.com/asynclocal/asynclocal/tracing"
)

const propagatorsVariable = "OTEL_PROPAGATORS"

// newPropagator returns the propagators that OTEL_PROPAGATORS names, by default the two of W3C. If
// both of these are in the list, they are the strict ones of package tracing. Names are separated
// by commas; spaces around them are ignored.
func newPropagator() (propagation.TextMapPropagator, error) {
	value := get(propagatorsVariable)
	if value == "" {
		return tracing.Propagator(), nil
	}
	var names []string
	for name := range strings.SplitSeq(value, ",") {
		if name = strings.TrimSpace(name); name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	strict := slices.Contains(names, "tracecontext") && slices.Contains(names, "baggage") && !slices.Contains(names, "none")
	if strict {
		names = slices.DeleteFunc(names, func(name string) bool { return name == "tracecontext" || name == "baggage" })
	}
	p, err := autoprop.TextMapPropagator(names...)
	switch {
	case err != nil:
		return nil, fmt.Errorf("telemetry: %s=%q: %w", propagatorsVariable, value, err)
	case strict && len(names) == 0:
		p = tracing.Propagator()
	case strict: // last, so that W3C's headers win if a request has both
		p = propagation.NewCompositeTextMapPropagator(p, tracing.Propagator())
	}
	return p, nil
}
