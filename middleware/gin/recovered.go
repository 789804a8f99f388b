// SPDX-License-Identifier: Apache-2.0

package ginmiddleware

import (
	"fmt"
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/asynclocal/asynclocal/middleware/adapter"
)

// Recovered answers a panic with 500, as gin.Recovery does, and reports its value and stack to this
// middleware. It is for a Recovery inside this middleware.
//
//	r.Use(ginmiddleware.New(), gin.CustomRecovery(ginmiddleware.Recovered))
//
// An application that answers panics in its own way calls [adapter.Report] instead. Outside a
// request, Recovered only answers.
func Recovered(c *gin.Context, value any) {
	err, ok := value.(error)
	if !ok {
		err = panicked{value}
	}
	adapter.Report(c.Request.Context(), err)
	c.AbortWithStatus(http.StatusInternalServerError)
}

// panicked is the value of a panic that is not an error.
type panicked struct{ value any }

func (p panicked) Error() string { return fmt.Sprint(p.value) }

// ErrorType returns the type of the value, for error.type.
func (p panicked) ErrorType() string { return fmt.Sprintf("%T", p.value) }
