// SPDX-License-Identifier: Apache-2.0

package echov4

import "reflect"

// Size is how many bytes a request is on its way through the middleware.
func Size() uintptr { return reflect.TypeFor[call]().Size() }
