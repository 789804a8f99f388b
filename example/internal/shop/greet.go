// SPDX-License-Identifier: Apache-2.0

package shop

import (
	"context"
	"fmt"
	"net"
	"net/url"

	"go.uber.org/zap"

	"github.com/asynclocal/asynclocal/example/internal/config"
)

// greet prints what to do with the shop that has just started.
func (p *process) greet(context.Context) error {
	if p.config.Has(config.API) {
		at := browsable(p.config.Addr)
		_, err := fmt.Fprintf(p.stdout, `The shop is open. %[1]s

and order something:

    curl -i http://%[2]s/orders -H 'Content-Type: application/json' -d '{"item":"book","quantity":2}'

An order that fails, over what one may pay at once:

    curl -i http://%[2]s/orders -H 'Content-Type: application/json' -d '{"item":"book","quantity":26}'

What else there is: http://%[2]s/

%[3]s`, p.whereToLook(at), at, p.operate())
		if err != nil {
			return fmt.Errorf("greet: %w", err)
		}
	}
	zap.L().Info("ready", zap.String("role", p.config.Role), zap.String("addr", p.config.Addr), zap.String("ops", p.config.Ops))
	return nil
}

// whereToLook returns where the requests can be seen: in this process's inspector, unless telemetry
// goes elsewhere. The link contains the token, so that one click is enough: anyone who reads this
// terminal has started the shop. A token that was given is not printed; the page asks for it.
func (p *process) whereToLook(at string) string {
	switch {
	case p.config.OTLPEndpoint != "":
		return "Its traces and logs go to\n\n    " + withoutPassword(p.config.OTLPEndpoint) + "\n\nLook there,"
	case p.config.InspectToken != "":
		return "See its requests, with their logs, spans and jobs, with your INSPECT_TOKEN at\n\n    http://" + at + inspectPath + "/\n"
	default:
		return "See its requests, with their logs, spans and jobs, at\n\n    " + p.inspector.Link("http://"+at) + "\n"
	}
}

func withoutPassword(endpoint string) string {
	u, err := url.Parse(endpoint)
	if err != nil {
		return "an OTLP endpoint"
	}
	return u.Redacted()
}

// operate returns where the jobs are that were given up.
func (p *process) operate() string {
	if p.config.Ops == "" {
		return ""
	}
	return fmt.Sprintf("Jobs that were given up are listed, and replayed, at\n\n    http://%s\n\n", p.config.Ops)
}

// browsable returns addr in the form that a browser on this machine needs.
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
