// SPDX-License-Identifier: Apache-2.0

package shop

import (
	"context"
	"fmt"
	"net"

	"go.uber.org/zap"

	"github.com/asynclocal/asynclocal/example/internal/config"
)

// greet says what to do with what has just started.
func (p *process) greet(context.Context) error {
	if p.config.Has(config.API) {
		at := browsable(p.config.Addr)
		_, err := fmt.Fprintf(p.stdout, `The shop is open. See its requests, with their logs, spans and jobs, at

    http://%s%s

and order something:

    curl -i http://%s/orders -H 'Content-Type: application/json' -d '{"item":"book","quantity":2}'

%s`, at, inspectPath, at, p.operate())
		if err != nil {
			return fmt.Errorf("greet: %w", err)
		}
	}
	zap.L().Info("ready", zap.String("role", p.config.Role), zap.String("addr", p.config.Addr), zap.String("ops", p.config.Ops))
	return nil
}

// operate says where jobs are that were given up.
func (p *process) operate() string {
	if p.config.Ops == "" {
		return ""
	}
	return fmt.Sprintf("Jobs that were given up are listed, and replayed, at\n\n    http://%s\n\n", p.config.Ops)
}

// browsable is addr as a browser on this machine would have it.
func browsable(addr string) string {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return addr
	}
	if ip := net.ParseIP(host); host == "" || ip.IsUnspecified() {
		host = "localhost"
	}
	return net.JoinHostPort(host, port)
}
