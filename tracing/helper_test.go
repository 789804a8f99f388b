// SPDX-License-Identifier: Apache-2.0

package tracing_test

import (
	"net/http"

	"go.opentelemetry.io/otel/propagation"
)

func headers(r *http.Request) propagation.HeaderCarrier { return propagation.HeaderCarrier(r.Header) }
