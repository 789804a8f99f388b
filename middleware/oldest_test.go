// SPDX-License-Identifier: Apache-2.0

//go:build asynclocal_oldest

package middleware_test

import (
	"net/http"

	"github.com/labstack/echo/v4"
)

// believeScheme has nothing to set in the oldest Echo that is supported.
func believeScheme(*echo.Echo, func(*http.Request) string) {}
