// SPDX-License-Identifier: Apache-2.0

package otelecho_test

import (
	"net/url"
	"os"
	"strings"
	"testing"
)

// An intention is a difference that is meant, and where the page of changes says so.
type intention struct {
	page string // what it says
	what func(what string) bool
	when func(r sent, was, is told) bool
	seen bool
}

// one is for a difference in one thing, begins in all that begin so.
func one(names ...string) func(string) bool {
	return func(what string) bool {
		for _, name := range names {
			if what == name {
				return true
			}
		}
		return false
	}
}

func begins(prefix string) func(string) bool {
	return func(what string) bool { return strings.HasPrefix(what, prefix) }
}

const (
	status = "span http.response.status_code"
	method = "span http.request.method"
)

func intentions() []*intention {
	return []*intention{
		{page: "a 5xx | no `error.type` | the status as `error.type`", what: one("span error.type", "metric error.type"), when: func(_ sent, was, is told) bool {
			code := is["metric http.response.status_code"] // the span is not recorded where it is not sampled
			return was["metric error.type"] == "" && is["metric error.type"] == code && code >= "500" && (is[status] == "" || is["span error.type"] == code)
		}},
		{page: "a panic | status unset, no metrics | status Error", what: func(string) bool { return true }, when: func(r sent, was, is told) bool {
			return r.target == "/panic" && was["answer"] == is["answer"] && is["span error.type"] == "string" && is["span events"] == "1" && is["count of "+duration] == "1"
		}},
		{page: "an error after the response was out | status unset | status Error, the error's type", what: one("span error.type", "metric error.type", "span status", "span description"), when: func(r sent, _, is told) bool {
			return r.target == "/late" && is["span error.type"] == "*errors.errorString" && is["span status"] == "Error"
		}},
		{page: "the attribute `echo.error` | on every error | gone: an `exception` event, where the server failed", what: one("span echo.error", "span events"), when: func(_ sent, was, is told) bool {
			return was["span echo.error"] != "" && (is["span events"] == "1") == (is["span status"] == "Error")
		}},
		{page: "a status over 599 | Error, `Invalid HTTP status code` | an error without a description", what: one("span description"), when: func(_ sent, _, is told) bool {
			return is[status] >= "600" && is["span description"] == ""
		}},
		{page: "the query | missing | `url.query`, secrets redacted", what: one("span url.query"), when: func(r sent, was, is told) bool {
			return was["span url.query"] == "" && strings.Contains(r.target, "?") && !strings.Contains(is["span url.query"], "secret")
		}},
		{page: "`url.path` | with its escapes undone | as it came", what: one("span url.path"), when: func(_ sent, was, is told) bool {
			plain, err := url.PathUnescape(is["span url.path"])
			return err == nil && strings.ToValidUTF8(plain, "") == strings.ToValidUTF8(was["span url.path"], "") || len(was["span url.path"]) > 2048 && len(is["span url.path"]) <= 2048
		}},
		{page: "`client.address` | `X-Forwarded-For`, from any sender", what: one("span client.address"), when: func(r sent, _, is told) bool {
			return strings.Contains(strings.Join(r.headers, ""), "Forwarded-For") && is["span client.address"] == "127.0.0.1"
		}},
		{page: "`url.scheme` | whether the connection is TLS | Echo's", what: one("span url.scheme", "metric url.scheme"), when: func(r sent, _, is told) bool {
			return strings.Contains(strings.Join(r.headers, ""), "X-Forwarded") && is["span url.scheme"] == is["metric url.scheme"]
		}},
		{page: "`server.port` | that of the `Host` header, beside the name that is given", what: one("span server.port", "metric server.port"), when: func(r sent, _, is told) bool {
			return r.server != "" && is["span server.port"] == is["metric server.port"] && (is["span server.port"] == "" || strings.HasSuffix(r.server, ":"+is["span server.port"]))
		}},
		{page: "`http.request.body.size`, `http.response.body.size` | on every span", what: one("span http.request.body.size", "span http.response.body.size"), when: func(_ sent, _, is told) bool {
			return is["span http.request.body.size"] == "" && is["span http.response.body.size"] == ""
		}},
		{page: "body sizes | always; −1 for a chunked body | not here", what: begins("metric http.server.re"), when: func(_ sent, _, is told) bool {
			return is["metric http.server.request.body.size"] == "" && is["metric http.server.response.body.size"] == ""
		}},
		{page: "body sizes | always; −1 for a chunked body | not here", what: begins("count of http.server.re"), when: func(_ sent, _, is told) bool {
			return is["count of http.server.request.body.size"] == "" && is["count of http.server.response.body.size"] == ""
		}},
		{page: "`QUERY` | `_OTHER` | known", what: one(method, "span http.request.method_original", "span name", "metric http.request.method"), when: func(r sent, _, is told) bool {
			return r.method == "QUERY" && is[method] == "QUERY"
		}},
		{page: "a lower-case method | shown in upper case | `_OTHER`", what: one(method, "span http.request.method_original", "span name", "metric http.request.method"), when: func(r sent, _, is told) bool {
			return r.method == "get" && is[method] == "_OTHER" && is["span http.request.method_original"] == "get"
		}},
		{page: "`request.id` | | on every span", what: one("span request.id"), when: func(_ sent, was, is told) bool { return was["span request.id"] == "" && is["span request.id"] != "" }},
		{page: "`server.address` | the `Host` header if no name is given", what: one("metric server.address", "metric server.port"), when: func(r sent, _, is told) bool { return r.server == "" && is["metric server.address"] == "" }},
		{page: "A server name that is no host is not recorded.", what: one("span server.address", "metric server.address", "span server.port", "metric server.port"), when: func(r sent, _, is told) bool {
			return strings.ContainsAny(r.server, " /") && is["metric server.address"] == ""
		}},
		{page: "`network.protocol.name` | `http` | left out", what: one("metric network.protocol.name"), when: func(_ sent, _, is told) bool { return is["metric network.protocol.name"] == "" }},
	}
}

const duration = "http.server.request.duration"

type intended []*intention

// expects reports whether the difference in what is meant, and notes by which intention.
func (all intended) expects(what string, r sent, was, is told) (yes bool) {
	for _, i := range all {
		if i.what(what) && i.when(r, was, is) {
			i.seen, yes = true, true
		}
	}
	return yes
}

// check holds the list to what differs, and the page to the list.
func (all intended) check(t *testing.T) {
	t.Helper()
	page, err := os.ReadFile("../../docs/otelecho-changes.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range all {
		if !strings.Contains(string(page), i.page) {
			t.Errorf("the page does not say %q", i.page)
		}
		if !i.seen {
			t.Errorf("nothing differs any more that %q is for: take it away", i.page)
		}
	}
}
