// SPDX-License-Identifier: Apache-2.0

// Package config reads the shop's flags and environment.
package config

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The roles a process can have.
const (
	All      = "all"
	API      = "api"
	Worker   = "worker"
	Payments = "payments"
)

// Config is everything that can be set from outside.
type Config struct {
	Role       string
	Addr       string // of the API, or of the role's own HTTP server
	Data       string // directory; "" is a temporary one
	Sync       string // "interval" or "always"
	NATSListen string // where the embedded server listens; "" is nowhere
	Workers    int    // jobs at the same time
	Finish     time.Duration
	Check      string // ask this URL whether it is healthy, and exit
	StartWait  time.Duration
	Ops        string // where this process is operated; "" is nowhere
	Dead       string // operate the process at Ops: list, replay or discard dead letters, and exit
	BodyTime   time.Duration
	Doctor     bool

	NATSURL       string
	NATSReplicas  int
	DatabaseURL   string
	PaymentsURL   string
	OTLPEndpoint  string
	InspectToken  string
	SMTPAddr      string // where receipts are mailed; "" writes files
	SMTPTo        string
	ShutdownGrace time.Duration
}

// ErrHelp is returned when -help was asked for.
var ErrHelp = flag.ErrHelp

// Parse reads args and the environment.
func Parse(args []string, getenv func(string) string, usage io.Writer) (Config, error) {
	var c Config
	f := flag.NewFlagSet("example", flag.ContinueOnError)
	f.SetOutput(usage)
	f.Usage = func() {
		_, _ = fmt.Fprintf(usage, "A shop, all of it in one process unless it is told otherwise.\n\nFlags:\n")
		f.PrintDefaults()
		_, _ = fmt.Fprintf(usage, "\nEnvironment:\n")
		for _, v := range environment {
			_, _ = fmt.Fprintf(usage, "  %s\n    \t%s\n", v.name, v.use)
		}
	}
	f.StringVar(&c.Role, "role", All, "what this process does: all, api, worker or payments")
	f.StringVar(&c.Addr, "addr", "127.0.0.1:8080", "where to listen")
	f.StringVar(&c.Data, "data", "", "directory for the broker's and the database's files, and receipts; empty: a temporary one, removed at the end")
	f.StringVar(&c.Sync, "sync", "interval", "when the embedded broker syncs its files: interval (2 minutes) or always, which no power failure hurts, at about a tenth of the throughput")
	f.StringVar(&c.NATSListen, "nats-listen", "", "let other processes use the embedded broker at this address")
	f.IntVar(&c.Workers, "workers", 8, "jobs done at the same time")
	f.StringVar(&c.Check, "check", "", "ask this URL whether it is healthy, and exit with 0 if so")
	f.DurationVar(&c.StartWait, "start-wait", 10*time.Second, "how long a start waits for the broker, the database, and another process to leave -data; for a rolling deploy, longer than -grace")
	f.StringVar(&c.Ops, "ops", "127.0.0.1:0", "where jobs that were given up are listed and replayed: an address of this machine alone, :0 for a free port, or empty for nowhere")
	f.StringVar(&c.Dead, "dead", "", "ask the process at -ops for the jobs that were given up: list, show=N, replay=N, replay=all or discard=N; and exit")
	f.DurationVar(&c.BodyTime, "body-timeout", 10*time.Second, "how long a request may take to arrive")
	f.BoolVar(&c.Doctor, "doctor", false, "look for places that lose a request's context, show them at /inspect/pages/doctor, and print them at the end")
	f.DurationVar(&c.Finish, "finish", 10*time.Second, "how long an order may take once stock is reserved for it")
	f.DurationVar(&c.ShutdownGrace, "grace", 20*time.Second, "how long a shutdown waits for requests and jobs")
	if err := f.Parse(args); err != nil {
		return c, err
	}
	if f.NArg() > 0 {
		return c, fmt.Errorf("unexpected argument %q", f.Arg(0))
	}
	c.NATSURL = getenv("NATS_URL")
	c.NATSReplicas = 1
	if n := getenv("NATS_REPLICAS"); n != "" {
		c.NATSReplicas, _ = strconv.Atoi(n) // 0 is refused below
	}
	c.DatabaseURL = getenv("DATABASE_URL")
	c.PaymentsURL = getenv("PAYMENTS_URL")
	c.OTLPEndpoint = getenv("OTEL_EXPORTER_OTLP_ENDPOINT")
	c.InspectToken = getenv("INSPECT_TOKEN")
	c.SMTPAddr, c.SMTPTo = getenv("SMTP_ADDR"), getenv("SMTP_TO")
	err := c.validate()
	return c, err
}

// environment lists the variables that Parse and the OpenTelemetry SDK read,
// for -help.
var environment = []struct{ name, use string }{
	{"DATABASE_URL", "postgres://…; without it SQLite, in -data"},
	{"NATS_URL", "nats://… of the broker; without it one inside this process, with its files in -data"},
	{"NATS_REPLICAS", "how many servers of a cluster keep each job, 1 to 5 (default 1)"},
	{"PAYMENTS_URL", "where a process with -role payments listens; without it payments are in this process"},
	{"OTEL_EXPORTER_OTLP_ENDPOINT", "where traces, logs and metrics go; without it traces and logs go to the inspector of this process"},
	{"OTEL_…", "whatever else the OpenTelemetry SDK and its exporters know, such as OTEL_METRIC_EXPORT_INTERVAL"},
	{"INSPECT_TOKEN", "what the inspector asks for, at least 16 characters; without it one is made, and printed"},
	{"SMTP_ADDR, SMTP_TO", "the server and the address that receipts are mailed to; without them they are files in -data"},
}

// Has reports whether this process has the role.
func (c *Config) Has(role string) bool { return c.Role == All || c.Role == role }

func (c *Config) validate() error {
	var errs []error
	fail := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if !slices.Contains([]string{All, API, Worker, Payments}, c.Role) {
		fail("-role %q: want all, api, worker or payments", c.Role)
	}
	if _, _, err := net.SplitHostPort(c.Addr); err != nil {
		fail("-addr %q: want host:port: %w", c.Addr, err)
	}
	if c.Sync != "interval" && c.Sync != "always" {
		fail("-sync %q: want interval or always", c.Sync)
	}
	if c.Workers < 1 || c.Workers > 1000 {
		fail("-workers %d: want 1 to 1000", c.Workers)
	}
	if c.ShutdownGrace <= 0 {
		fail("-grace %v: want more than 0", c.ShutdownGrace)
	}
	if c.StartWait < 0 {
		fail("-start-wait %v: want 0 or more", c.StartWait)
	}
	if c.BodyTime <= 0 {
		fail("-body-timeout %v: want more than 0", c.BodyTime)
	}
	if c.Ops != "" && !loopback(c.Ops) {
		fail("-ops %q: want an address of this machine alone, such as 127.0.0.1:8081", c.Ops)
	}
	if c.Dead != "" && strings.HasSuffix(c.Ops, ":0") {
		fail("-dead %s: say with -ops where the process is; it said so when it started", c.Dead)
	}
	if c.Finish <= 0 {
		fail("-finish %v: want more than 0", c.Finish)
	}
	if c.NATSListen != "" && c.NATSURL != "" {
		fail("-nats-listen is for the embedded broker, which NATS_URL replaces; use one of them")
	}
	if c.NATSReplicas < 1 || c.NATSReplicas > maxReplicas {
		fail("NATS_REPLICAS: want 1 to %d", maxReplicas)
	}
	if (c.SMTPAddr == "") != (c.SMTPTo == "") {
		fail("SMTP_ADDR and SMTP_TO: set both or neither")
	}
	if strings.ContainsAny(c.SMTPTo, "\r\n<>") {
		fail("SMTP_TO: want an address such as ann@example.com")
	}
	if c.Role == Worker && c.NATSURL == "" {
		fail("-role worker needs NATS_URL: there are no jobs in a broker of its own")
	}
	if c.Role == API && c.PaymentsURL == "" {
		fail("-role api needs PAYMENTS_URL: where a process with -role payments listens")
	}
	if c.DatabaseURL != "" && !strings.HasPrefix(c.DatabaseURL, "postgres://") && !strings.HasPrefix(c.DatabaseURL, "postgresql://") {
		fail("DATABASE_URL: want postgres://…; leave it out for SQLite in -data")
	}
	if c.InspectToken != "" && len(c.InspectToken) < minToken {
		fail("INSPECT_TOKEN: want at least %d characters", minToken)
	}
	for name, value := range map[string]string{"PAYMENTS_URL": c.PaymentsURL, "OTEL_EXPORTER_OTLP_ENDPOINT": c.OTLPEndpoint} {
		if u, err := url.Parse(value); value != "" && (err != nil || u.Host == "") {
			fail("%s: want an http URL", name)
		}
	}
	return errors.Join(errs...)
}

// loopback reports whether no other machine can reach addr.
func loopback(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return false
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Masked returns one or several URLs without passwords, for people to read.
func Masked(urls string) string {
	list := strings.Split(urls, ",")
	for i, one := range list {
		u, err := url.Parse(strings.TrimSpace(one))
		switch {
		case err != nil:
			list[i] = "(no URL)" // it may contain a secret
		case u.User != nil || u.RawQuery != "":
			if _, secret := u.User.Password(); !secret && u.User != nil && u.Scheme == "nats" {
				u.User = url.User("xxxxx") // a token
			}
			if u.Query().Has("password") {
				u.RawQuery = "xxxxx"
			}
			list[i] = u.Redacted()
		default:
			list[i] = u.String()
		}
	}
	return strings.Join(list, ",")
}

const (
	minToken    = 16
	maxReplicas = 5
)
