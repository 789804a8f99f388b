// SPDX-License-Identifier: Apache-2.0

package ginmiddleware

import (
	"fmt"
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/asynclocal/asynclocal/middleware/adapter"
)

// Recovered answers a panic with 500, as gin.Recovery does, and tells this middleware of
// its value, with the stack: for a Recovery that is inside of it.
//
//	r.Use(ginmiddleware.New(), gin.CustomRecovery(ginmiddleware.Recovered))
//
// An application that answers panics in a way of its own calls [adapter.Report]. Outside
// of a request it answers alone.
func Recovered(c *gin.Context, value any) {
	err, ok := value.(error)
	if !ok {
		err = panicked{value}
	}
	adapter.Report(c.Request.Context(), err)
	c.AbortWithStatus(http.StatusInternalServerError)
}

// panicked is a panic's value that is no error.
type panicked struct{ value any }

func (p panicked) Error() string { return fmt.Sprint(p.value) }

// ErrorType names the type of the value: error.type.
func (p panicked) ErrorType() string { return fmt.Sprintf("%T", p.value) }
