// SPDX-License-Identifier: Apache-2.0

package redact_test

import (
	"fmt"
	"log/slog"
	"net/http"
	"os"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/asynclocal/asynclocal/logging/redact"
)

func ExampleSecret() {
	token := redact.NewSecret("hunter2")
	fmt.Printf("%v %q %+v\n", token, token, struct{ Token redact.Secret }{token})
	core := zapcore.NewCore(zapcore.NewJSONEncoder(zapcore.EncoderConfig{MessageKey: "msg"}), zapcore.AddSync(os.Stdout), zap.InfoLevel)
	zap.New(core).Info("login", zap.Any("token", token))
	// Output:
	// REDACTED REDACTED {Token:REDACTED}
	// {"msg":"login","token":"REDACTED"}
}

func ExampleNew() {
	redactor := redact.New(redact.WithKeys("password"), redact.WithAllowed("Accept"))
	header := http.Header{"Authorization": {"Bearer 1234"}, "Accept": {"text/html"}}
	fmt.Println(redactor.Value(header))
	fmt.Println(redactor.Attr(slog.Any("login", map[string]any{"user": "ann", "password": "hunter2"})))
	// Output:
	// map[Accept:[text/html]]
	// login=map[password:REDACTED user:ann]
}
