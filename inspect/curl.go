// SPDX-License-Identifier: Apache-2.0

package inspect

import (
	"net"
	"net/netip"
	"regexp"
	"strconv"
	"strings"

	commonv1 "go.opentelemetry.io/proto/otlp/common/v1"
	tracev1 "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/asynclocal/asynclocal/inspect/internal/telemetry"
)

const (
	headerPrefix   = "http.request.header."
	maxCurlHeaders = 32
)

// curlOf writes the command that sends the request again, as far as its span knows it: not the body,
// and of the headers those that were recorded. It is meant to be pasted into a shell, and every part of
// it comes from strangers. Shells agree on little: what single quotes protect in one, another reads, and
// inside of double quotes each has its own characters that are not just text. So each word is of
// characters that are text, between double quotes, to sh, bash, zsh, fish, csh, PowerShell and cmd.exe
// alike: an address has the others percent-encoded, a header that has others is left out. curl's own
// patterns, such as [1-100], are turned off by -g.
func curlOf(head *node) string {
	var p tracev1.Span
	if head.Kind != telemetry.KindServer || proto.Unmarshal(head.Raw, &p) != nil {
		return ""
	}
	attrs := p.GetAttributes()
	method := stringOf(attrs, "http.request.method")
	if method == "_OTHER" {
		method = stringOf(attrs, "http.request.method_original")
	}
	target := targetOf(attrs)
	if target == "" || !isMethod(method) {
		return ""
	}
	command := "curl -g -i"
	switch method {
	case "GET":
	case "HEAD":
		command += " --head"
	default:
		command += " -X " + method
	}
	for _, h := range headersOf(attrs) {
		command += ` -H "` + h + `"`
	}
	return command + ` --url "` + target + `"`
}

var (
	isMethod     = regexp.MustCompile(`^[A-Za-z][A-Za-z-]{0,31}$`).MatchString
	isHostName   = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9._-]{0,252})$`).MatchString
	isHeaderName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$`).MatchString
)

func targetOf(attrs []*commonv1.KeyValue) string {
	scheme, host := stringOf(attrs, "url.scheme"), hostOf(stringOf(attrs, "server.address"))
	if host == "" || scheme != "http" && scheme != "https" {
		return ""
	}
	for _, kv := range attrs {
		if port := kv.GetValue().GetIntValue(); kv.GetKey() == "server.port" && port > 0 && port < 1<<16 {
			host = net.JoinHostPort(strings.Trim(host, "[]"), strconv.FormatInt(port, 10))
		}
	}
	path := stringOf(attrs, "url.path")
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	target := scheme + "://" + host + inert(path, false)
	if query := stringOf(attrs, "url.query"); query != "" {
		target += "?" + inert(query, true)
	}
	if strings.Contains(strings.ToUpper(target), "%CD%") { // to cmd.exe, the directory one is in
		return ""
	}
	return target
}

// hostOf returns a host as a URL has it, "" if it is not one.
func hostOf(address string) string {
	bare := strings.TrimSuffix(strings.TrimPrefix(address, "["), "]")
	if ip, err := netip.ParseAddr(bare); err == nil {
		if ip = ip.WithZone(""); ip.Is6() {
			return "[" + ip.String() + "]"
		}
		return ip.String()
	}
	if !isHostName(address) {
		return ""
	}
	return address
}

// inert returns a path or a query, which is percent-encoded where its span is made as the conventions
// say, with everything encoded that is more than text to some shell. What is encoded stays as it is.
func inert(s string, query bool) string {
	var b strings.Builder
	afterEncoded := false // as %DA is: cmd.exe takes %DATE% for a variable, whatever the quotes
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c == '%' && i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2]):
			b.WriteString(s[i : i+3])
			afterEncoded = s[i+1] > '9'
			i += 2
			continue
		case afterEncoded && isWord(c), !isInert(c, query):
			const digits = "0123456789ABCDEF"
			b.Write([]byte{'%', digits[c>>4], digits[c&15]})
			afterEncoded = c>>4 > 9
			continue
		}
		b.WriteByte(c)
		afterEncoded = false
	}
	return b.String()
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

func isWord(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_'
}

func isInert(c byte, query bool) bool {
	return isWord(c) || strings.IndexByte("-.~/:@=+,;&*", c) >= 0 || query && c == '?'
}

// headersOf returns those recorded headers that are text to every shell. There is no other way to write
// the others.
func headersOf(attrs []*commonv1.KeyValue) (headers []string) {
	for _, kv := range attrs {
		name, ok := strings.CutPrefix(kv.GetKey(), headerPrefix)
		if !ok || !isHeaderName(name) {
			continue
		}
		for _, v := range kv.GetValue().GetArrayValue().GetValues() {
			if value := v.GetStringValue(); len(headers) < maxCurlHeaders && isPlainValue(value) {
				headers = append(headers, name+": "+value)
			}
		}
	}
	return headers
}

// isPlainValue excludes what expands, escapes or ends between double quotes in one shell or another: of
// sh and csh $ ` \ ! ", of cmd.exe % and ^, and what is not printable ASCII, which PowerShell's other
// quotes are not.
func isPlainValue(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r < 0x20 || r >= 0x7f || strings.ContainsRune("$`\\!\"%^", r) })
}
