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

// curlOf writes the command that sends the request again, as far as its span knows it: without the
// body, and with the recorded headers only. It is meant to be pasted into a shell, and every part
// of it may come from an attacker. Shells agree on little: text that single quotes protect in one
// shell, another interprets, and inside double quotes each has its own special characters. So each
// word consists of characters that are plain text between double quotes in sh, bash, zsh, fish,
// csh, PowerShell and cmd.exe alike: other characters are percent-encoded in an address, and a
// header that has them is left out. -g turns off curl's own patterns, such as [1-100].
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
	if strings.Contains(strings.ToUpper(target), "%CD%") { // for cmd.exe, the current directory
		return ""
	}
	return target
}

// hostOf returns a host in the form for a URL, or "" if address is not a host.
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

// inert returns a path or a query with every character encoded that is special to some shell. What
// is encoded already, as in spans that follow the conventions, stays as it is.
func inert(s string, query bool) string {
	var b strings.Builder
	afterEncoded := false // as in %DA: cmd.exe takes %DATE% for a variable, even in quotes
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

// headersOf returns the recorded headers that are plain text to every shell. There is no way to
// write the others.
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

// isPlainValue excludes what expands, escapes or ends between double quotes in some shell: in sh and
// csh $ ` \ ! and ", in cmd.exe % and ^, and all that is not printable ASCII, some of which PowerShell
// takes for quotes.
func isPlainValue(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r < 0x20 || r >= 0x7f || strings.ContainsRune("$`\\!\"%^", r) })
}
