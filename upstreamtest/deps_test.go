// SPDX-License-Identifier: Apache-2.0

package upstreamtest_test

// What the suites import, for go.mod to have it.
import (
	_ "github.com/asynclocal/asynclocal/logging"
	_ "github.com/asynclocal/asynclocal/middleware"
	_ "github.com/asynclocal/asynclocal/middleware/echov5"
	_ "github.com/asynclocal/asynclocal/middleware/nethttp"
	_ "github.com/go-chi/chi/v5/middleware"
	_ "github.com/labstack/echo/v4/middleware"
	_ "github.com/labstack/echo/v5/middleware"
	_ "github.com/labstack/gommon/log"
	_ "github.com/stretchr/testify/assert"
	_ "github.com/stretchr/testify/require"
	_ "go.uber.org/goleak"
	_ "go.uber.org/multierr"
	_ "go.uber.org/zap/zaptest/observer"
	_ "golang.org/x/net/websocket"
	_ "golang.org/x/time/rate"
)
