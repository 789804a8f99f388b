// SPDX-License-Identifier: Apache-2.0

package echov4

import (
	"reflect"
	"sync"

	"github.com/labstack/echo/v4"

	"github.com/asynclocal/asynclocal/middleware/internal/exchange"
)

// view is Echo's own Context as what is inside of the middleware sees it. It tells the
// exchange of errors that are answered in there, by Recover or Logger, which keep them
// to themselves; it is a part of the call, and costs no allocation.
type view struct {
	echo.Context
	exchange *exchange.Exchange
}

// Error tells the exchange of err, and has Echo answer it.
func (v *view) Error(err error) {
	v.exchange.Report(err)
	v.Context.Error(err)
}

// seen is k's Context as the next handler gets it. Only Echo's own is replaced: another
// one is an application's, whose handlers want it as it is. So does Echo itself, while
// it has not found the route.
func (k *call) seen() echo.Context {
	if k.c.Context.Path() == "" || reflect.TypeOf(k.c.Context) != echos() {
		return k.c.Context
	}
	return &k.c
}

// echos is the type of Echo's own Context.
var echos = sync.OnceValue(func() reflect.Type { return reflect.TypeOf(echo.New().NewContext(nil, nil)) })
