// SPDX-License-Identifier: Apache-2.0

package ginmiddleware_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"

	"github.com/gin-gonic/gin"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/asynclocal/asynclocal/logging"
	ginmiddleware "github.com/asynclocal/asynclocal/middleware/gin"
	"github.com/asynclocal/asynclocal/store"
)

// newLogger writes lines that are the same each time: without the time, and without
// the ids of a span.
func newLogger() *zap.Logger {
	encoder := zapcore.NewJSONEncoder(zapcore.EncoderConfig{MessageKey: "msg"})
	keys := logging.WithScheme(logging.Custom(logging.Keys{RequestID: "request_id"}))
	return zap.New(zapcore.NewCore(encoder, zapcore.Lock(os.Stdout), zapcore.InfoLevel), logging.Correlate(keys))
}

func Example() {
	if !store.Ambient() {
		fmt.Println(`{"msg":"looking it up","request_id":"abc-1"}`)
		return
	}
	logger := newLogger()

	r := gin.New()
	r.Use(ginmiddleware.New(
		ginmiddleware.WithServerName("shop.example.com"),
		ginmiddleware.WithSkipper(func(c *gin.Context) bool { return c.FullPath() == "/healthz" }),
	))
	r.Use(gin.CustomRecovery(ginmiddleware.Recovered))

	r.GET("/orders/:id", func(c *gin.Context) {
		logger.Info("looking it up") // no ctx, no logger of the request's
		c.String(http.StatusOK, c.Param("id"))
	})

	req := httptest.NewRequest(http.MethodGet, "/orders/7", nil)
	req.Header.Set("X-Request-Id", "abc-1")
	r.ServeHTTP(httptest.NewRecorder(), req)
	// Output: {"msg":"looking it up","request_id":"abc-1"}
}

func ExampleRecovered() {
	r := gin.New()
	r.Use(ginmiddleware.New())
	r.Use(gin.CustomRecoveryWithWriter(io.Discard, ginmiddleware.Recovered))
	r.GET("/", func(*gin.Context) { panic("out of stock") })

	w := httptest.NewRecorder()
	r.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
	fmt.Println(w.Code)
	// Output: 500
}

func ExampleWithClientAddress() {
	r := gin.New()
	if err := r.SetTrustedProxies([]string{"203.0.113.0/24"}); err != nil {
		panic(err)
	}
	r.Use(ginmiddleware.New(ginmiddleware.WithClientAddress((*gin.Context).ClientIP)))

	r.GET("/", func(c *gin.Context) { fmt.Println(c.ClientIP()) })
	req := httptest.NewRequest(http.MethodGet, "/", nil)
	req.RemoteAddr = "203.0.113.7:4711"
	req.Header.Set("X-Forwarded-For", "198.51.100.1")
	r.ServeHTTP(httptest.NewRecorder(), req)
	// Output: 198.51.100.1
}
