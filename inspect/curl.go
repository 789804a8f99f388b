// SPDX-License-Identifier: Apache-2.0

package inspect

import (
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"

	commonv1 "go.opentelemetry.io/proto/otlp/common/v1"
	tracev1 "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

const headerPrefix = "http.request.header."

// curlOf writes the command that sends the request again, as far as its span knows it: not the body,
// and of the headers those that were recorded. It is meant to be pasted into a shell, and every part
// of it comes from strangers: each word is quoted, and what has control characters, which a terminal
// might obey, is left out.
func curlOf(head *node) string {
	var p tracev1.Span
	if head.kind != kindServer || proto.Unmarshal(head.raw, &p) != nil {
		return ""
	}
	attrs := p.GetAttributes()
	method := stringOf(attrs, "http.request.method")
	if method == "_OTHER" {
		method = stringOf(attrs, "http.request.method_original")
	}
	target := targetOf(attrs)
	if method == "" || target == "" || !printable(method) {
		return ""
	}
	words := []string{"curl", "-i"}
	switch method {
	case "GET":
	case "HEAD":
		words = append(words, "--head")
	default:
		words = append(words, "-X", method)
	}
	words = append(words, headersOf(attrs)...)
	words = append(words, "--", target)
	for i, w := range words {
		words[i] = shellQuote(w)
	}
	return strings.Join(words, " ")
}

func targetOf(attrs []*commonv1.KeyValue) string {
	path, host, scheme := stringOf(attrs, "url.path"), stringOf(attrs, "server.address"), stringOf(attrs, "url.scheme")
	if host == "" || scheme != "http" && scheme != "https" {
		return ""
	}
	for _, kv := range attrs {
		if kv.GetKey() == "server.port" && kv.GetValue().GetIntValue() > 0 {
			host = net.JoinHostPort(host, strconv.FormatInt(kv.GetValue().GetIntValue(), 10))
		}
	}
	u := url.URL{Scheme: scheme, Host: host, Path: path, RawQuery: stringOf(attrs, "url.query")}
	if s := u.String(); printable(s) {
		return s
	}
	return ""
}

func headersOf(attrs []*commonv1.KeyValue) []string {
	var words []string
	for _, kv := range attrs {
		name, ok := strings.CutPrefix(kv.GetKey(), headerPrefix)
		if !ok || !printable(name) {
			continue
		}
		for _, v := range kv.GetValue().GetArrayValue().GetValues() {
			if h := name + ": " + v.GetStringValue(); printable(h) {
				words = append(words, "-H", h)
			}
		}
	}
	return words[:min(len(words), 64)]
}

func printable(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r < 0x20 || r >= 0x7f })
}

// shellQuote quotes a word for POSIX shells unless it is made of characters that mean nothing there.
func shellQuote(w string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_./:=@", r)
	}
	if w != "" && !slices.ContainsFunc([]rune(w), func(r rune) bool { return !plain(r) }) {
		return w
	}
	return "'" + strings.ReplaceAll(w, "'", `'\''`) + "'"
}
