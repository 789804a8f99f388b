// SPDX-License-Identifier: Apache-2.0

package middleware_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"
	echomiddleware "github.com/labstack/echo/v4/middleware"
	"github.com/labstack/gommon/log"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/asynclocal/asynclocal/middleware"
	"github.com/asynclocal/asynclocal/store"
)

// What handlers and Echo itself log has the request's id, and the level that it was logged at.
func TestEchosLoggerKnowsTheRequest(t *testing.T) {
	t.Parallel()
	if !store.Ambient() {
		t.Skip("Echo's logger is given no ctx")
	}
	core, logs := observer.New(zap.DebugLevel)
	e := echo.New()
	e.Logger = middleware.Logger(zap.New(core))
	e.Use(middleware.New(), echomiddleware.Recover())
	e.GET("/", func(c echo.Context) error {
		c.Logger().Warnf("%d left", 2)
		c.Logger().Infoj(log.JSON{"b": 1, "a": "x"})
		e.Logger.Error(errors.New("no stock"))
		panic("boom")
	})
	r := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
	r.Header.Set("X-Request-Id", "req-1")
	e.ServeHTTP(httptest.NewRecorder(), r)
	var got []string
	for _, l := range logs.All() {
		message, _, _ := strings.Cut(l.Message, " goroutine")
		got = append(got, l.Level.String()+" "+message)
		if l.ContextMap()["request_id"] != "req-1" {
			t.Errorf("%s has %v", l.Message, l.ContextMap())
		}
	}
	if all := strings.Join(got, "; "); !strings.HasPrefix(all, "warn 2 left; info echo; error no stock; ") || !strings.Contains(all, "boom") {
		t.Errorf("%s", all)
	}
	if m := logs.FilterMessage("echo").All()[0].ContextMap(); m["a"] != "x" || m["b"] != int64(1) {
		t.Errorf("%v", m)
	}
}

func TestEchosLoggerDoesAsItIsTold(t *testing.T) {
	t.Parallel()
	core, logs := observer.New(zap.DebugLevel)
	l := middleware.Logger(zap.New(core))
	out := new(strings.Builder)
	l.SetOutput(out)
	l.SetPrefix("shop")
	l.SetHeader("${time}")
	l.SetLevel(log.WARN)
	l.Print("too low")
	l.Printf("too low")
	l.Printj(log.JSON{})
	l.Debug("too low")
	l.Info("too low")
	l.Warn("seen")
	if l.Prefix() != "shop" || l.Level() != log.WARN || l.Output() != out || out.Len() != 0 {
		t.Errorf("%q %v", l.Prefix(), l.Level())
	}
	if all := logs.All(); len(all) != 1 || all[0].Message != "seen" || all[0].LoggerName != "shop" {
		t.Errorf("%v", all)
	}
	for _, level := range []log.Lvl{log.WARN, log.OFF} { // a panic is one, whether or not it is written
		l.SetLevel(level)
		func() {
			defer func() {
				if recover() != "boom" {
					t.Error("it does not panic with the message")
				}
			}()
			l.Panic("boom")
		}()
	}
	if n := logs.FilterMessage("boom").Len(); n != 1 {
		t.Errorf("%d lines", n)
	}
}
