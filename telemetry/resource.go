// SPDX-License-Identifier: Apache-2.0

package telemetry

import (
	"context"
	"fmt"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/resource"
)

// newResource merges what is detected, what the environment says and what options do; the later wins.
func newResource(ctx context.Context, own []attribute.KeyValue) (*resource.Resource, error) {
	if _, err := resource.New(ctx, resource.WithFromEnv()); err != nil {
		return nil, fmt.Errorf("telemetry: OTEL_RESOURCE_ATTRIBUTES=%q: want key=value,key=value: %w", get("OTEL_RESOURCE_ATTRIBUTES"), err)
	}
	// What cannot be detected is absent: a resource with the rest of it is returned, and the error says no more than that.
	detected, _ := resource.New(ctx, resource.WithService(), resource.WithTelemetrySDK(), resource.WithHost(), resource.WithOS(), resource.WithContainer(),
		resource.WithProcessPID(), resource.WithProcessExecutableName(), resource.WithProcessRuntimeName(), resource.WithProcessRuntimeVersion(),
		resource.WithFromEnv())
	merged, err := resource.Merge(detected, resource.NewSchemaless(own...))
	if err != nil {
		return nil, fmt.Errorf("telemetry: the resource: %w", err)
	}
	return merged, nil
}
