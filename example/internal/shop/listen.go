// SPDX-License-Identifier: Apache-2.0

package shop

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"go.uber.org/zap"

	"github.com/asynclocal/asynclocal/example/internal/arrival"
	"github.com/asynclocal/asynclocal/store"
)

const (
	readHeaderTimeout = 10 * time.Second
	idleTimeout       = 2 * time.Minute
	hurryTime         = time.Second     // for requests that are still arriving when the shop closes
	lastWords         = 3 * time.Second // for handlers whose connections were cut
)

// listen serves h at addr until the process stops, and returns the address. A
// shutdown waits for running requests. Requests that outlast it are cut off, and
// still have their lines and spans.
func (p *process) listen(part, addr string, h http.Handler) (net.Addr, error) {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		if flag := p.setting(addr); flag != "" {
			return nil, fmt.Errorf("%s %s: %s: %w; choose another address with %s", flag, addr, part, err, flag)
		}
		return nil, fmt.Errorf("%s: %w", part, err)
	}
	requests := arrival.New(p.config.BodyTime)
	server := &http.Server{Handler: requests.Handler(h), ReadHeaderTimeout: readHeaderTimeout, IdleTimeout: idleTimeout}
	// A server outlives the context that it was started in.
	store.Exit(func() {
		go func() {
			if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
				p.failed <- fmt.Errorf("%s: %w", part, err)
			}
		}()
	})
	p.onStop(part, func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, p.config.ShutdownGrace)
		defer cancel()
		requests.Hurry(time.Now().Add(hurryTime))
		err := server.Shutdown(ctx)
		if err == nil {
			return nil
		}
		zap.L().Warn("cutting off requests that outlast the shutdown", zap.String("part", part), zap.Duration("grace", p.config.ShutdownGrace))
		err = errors.Join(err, server.Close())
		p.cutOff()
		if !requests.Wait(lastWords) {
			err = errors.Join(err, errors.New("some requests do not end even so"))
		}
		return err
	})
	return l.Addr(), nil
}

// setting returns the flag that addr comes from, or "" if it comes from none.
func (p *process) setting(addr string) string {
	switch addr {
	case p.config.Addr:
		return "-addr"
	case p.config.Ops:
		return "-ops"
	}
	return ""
}
