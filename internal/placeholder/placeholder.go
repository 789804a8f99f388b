// SPDX-License-Identifier: Apache-2.0

// Package placeholder recognizes what stands for the global providers of OpenTelemetry until they
// are set.
package placeholder

import "reflect"

// Is reports whether provider is of the type of a placeholder. A placeholder stays in use after the
// global provider was set: only if it is still the global one, nothing was set. Is goes by the
// package of the type, as there is no other way; if that ever changes, it reports false.
func Is(provider any) bool {
	t := reflect.TypeOf(provider)
	return t != nil && t.Kind() == reflect.Pointer && t.Elem().PkgPath() == "go.opentelemetry.io/otel/internal/global"
}
