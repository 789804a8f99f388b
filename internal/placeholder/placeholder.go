// SPDX-License-Identifier: Apache-2.0

// Package placeholder recognizes the placeholders that OpenTelemetry uses for its global providers
// until they are set.
package placeholder

import "reflect"

// Is reports whether provider has the type of a placeholder. A placeholder stays in use after the
// global provider was set: nothing was set only if the placeholder is still the global one. Is goes
// by the package of the type, because there is no other way. If that package changes, Is reports
// false.
func Is(provider any) bool {
	t := reflect.TypeOf(provider)
	return t != nil && t.Kind() == reflect.Pointer && t.Elem().PkgPath() == "go.opentelemetry.io/otel/internal/global"
}
