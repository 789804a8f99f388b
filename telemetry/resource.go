// SPDX-License-Identifier: Apache-2.0

package telemetry

import (
	"context"
	"fmt"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/resource"
)

// newResource merges the detected attributes, those of the environment and those of options; the
// later win.
func newResource(ctx context.Context, own []attribute.KeyValue) (*resource.Resource, error) {
	if _, err := resource.New(ctx, resource.WithFromEnv()); err != nil {
		return nil, fmt.Errorf("telemetry: OTEL_RESOURCE_ATTRIBUTES=%q: want key=value,key=value: %w", get("OTEL_RESOURCE_ATTRIBUTES"), err)
	}
	// An attribute that cannot be detected is absent. The error says no more than that, and the
	// resource has the rest.
	detected, _ := resource.New(ctx, resource.WithService(), resource.WithTelemetrySDK(), resource.WithHost(), resource.WithOS(), resource.WithContainer(),
		resource.WithProcessPID(), resource.WithProcessExecutableName(), resource.WithProcessRuntimeName(), resource.WithProcessRuntimeVersion(),
		resource.WithFromEnv())
	merged, err := resource.Merge(detected, resource.NewSchemaless(own...))
	if err != nil {
		return nil, fmt.Errorf("telemetry: the resource: %w", err)
	}
	return merged, nil
}
