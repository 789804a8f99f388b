// SPDX-License-Identifier: Apache-2.0

package billing

import (
	"strings"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/asynclocal/asynclocal/internal/text"
)

// facts are what a span says about itself, by the stable attributes of the conventions and by the
// older attributes of instrumentations.
type facts struct {
	kind trace.SpanKind
	name string

	db, remote            bool // has attributes of a database's client, or of HTTP or RPC
	system                string
	query, summary        string
	operation             string
	method, url, template string
	address               string
	port                  int64
	service, procedure    string
	batch                 int64
	sent, received        int64
	errorType             string
}

const maxErrorType = 128

func (f *facts) learn(attributes []attribute.KeyValue) {
	for i := range attributes {
		a := &attributes[i]
		key := string(a.Key)
		switch {
		case strings.HasPrefix(key, "db."):
			f.db = true
			f.learnDatabase(key, a.Value)
		case strings.HasPrefix(key, "http."), strings.HasPrefix(key, "url."), strings.HasPrefix(key, "rpc."):
			f.remote = true
			f.learnCall(key, a.Value)
		case key == "server.address":
			f.address = a.Value.AsString()
		case key == "server.port":
			f.port = a.Value.AsInt64()
		case key == "messaging.batch.message_count":
			f.batch = a.Value.AsInt64()
		case key == "messaging.message.body.size":
			f.sent = a.Value.AsInt64()
		case key == "error.type":
			f.errorType = text.Valid(a.Value.AsString(), maxErrorType)
		}
	}
}

func (f *facts) learnDatabase(key string, v attribute.Value) {
	switch key {
	case "db.system.name", "db.system":
		f.system = v.AsString()
	case "db.query.text", "db.statement":
		f.query = v.AsString()
	case "db.query.summary":
		f.summary = v.AsString()
	case "db.operation.name", "db.operation":
		f.operation = v.AsString()
	}
}

func (f *facts) learnCall(key string, v attribute.Value) {
	switch key {
	case "http.request.method", "http.method":
		f.method = v.AsString()
	case "url.full", "http.url":
		f.url = v.AsString()
	case "url.template":
		f.template = v.AsString()
	case "rpc.service":
		f.service = v.AsString()
	case "rpc.method":
		f.procedure = v.AsString()
	case "http.request.body.size", "http.request_content_length":
		f.sent = v.AsInt64()
	case "http.response.body.size", "http.response_content_length":
		f.received = v.AsInt64()
	}
}

// mayCount reports whether the span may count, by what it says at its start. A client may say only
// later what it calls.
func (f *facts) mayCount() bool {
	switch f.kind {
	case trace.SpanKindClient, trace.SpanKindProducer:
		return true
	case trace.SpanKindServer, trace.SpanKindConsumer:
		return false
	}
	return f.db
}

// class returns what the span counts as, by what is known of it.
func (f *facts) class() class {
	switch {
	case f.kind == trace.SpanKindProducer:
		return message
	case f.db && f.isStatement():
		return statement
	case f.db:
		return none // a connection, a transaction, rows
	case f.kind == trace.SpanKindClient && f.remote:
		return call
	}
	return none
}

// isStatement reports whether the span executes a statement. Opening a connection and beginning a
// transaction have no text, and a prepared statement is executed later.
func (f *facts) isStatement() bool {
	return (f.query != "" || f.summary != "" || f.operation != "") && !endsIn(f.name, "prepare") && !strings.EqualFold(f.operation, "prepare")
}

func endsIn(s, suffix string) bool {
	return len(s) >= len(suffix) && strings.EqualFold(s[len(s)-len(suffix):], suffix)
}

// units returns how many operations of class c the span counts as.
func (f *facts) units(c class) int {
	if c == message && f.batch > 1 {
		return int(min(f.batch, 1<<20))
	}
	return 1
}
