// SPDX-License-Identifier: Apache-2.0

package inspect_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/asynclocal/asynclocal/inspect"
	tracev1 "go.opentelemetry.io/proto/otlp/trace/v1"
)

// curlFor returns what is copied of a request with these attributes, the last of a name winning.
func curlFor(t *testing.T, opts ...spanOption) string {
	t.Helper()
	insp := inspect.New(inspect.WithoutToken())
	defer insp.Close()
	s := request("t", "s", "r", "GET", "/", 200, opts...)
	sendSpans(t, insp, "shop", s)
	return get[view](t, insp, "requests/"+hexID("t")).Curl
}

// as replaces a string attribute.
func as(key, value string) spanOption {
	return func(s *tracev1.Span) {
		for _, kv := range s.Attributes {
			if kv.Key == key {
				kv.Value = str(key, value).Value
				return
			}
		}
		attrs(str(key, value))(s)
	}
}

func TestCurlSaysTheRequestInTextThatNoShellReads(t *testing.T) {
	t.Parallel()
	const root = `"http://localhost:8080/"`
	for name, c := range map[string]struct {
		opts []spanOption
		want string
	}{
		"a plain GET":                 {nil, `curl -g -i --url ` + root},
		"HEAD":                        {[]spanOption{as("http.request.method", "HEAD")}, `curl -g -i --head --url ` + root},
		"a query":                     {[]spanOption{as("url.query", "a=1&b=$(id)")}, `curl -g -i --url "http://localhost:8080/?a=1&b=%24%28id%29"`},
		"curl's own patterns":         {[]spanOption{as("url.query", "n=[1-200]&m={a,b}")}, `curl -g -i --url "http://localhost:8080/?n=%5B1-200%5D&m=%7Ba,b%7D"`},
		"what is encoded already":     {[]spanOption{as("url.path", "/a%20b/%e4%bd%a0"), as("url.query", "q=50%25")}, `curl -g -i --url "http://localhost:8080/a%20b/%e4%bd%a0?q=50%25"`},
		"what is not, and should be":  {[]spanOption{as("url.path", "/ü 50%/x"), as("url.query", "q=%zz")}, `curl -g -i --url "http://localhost:8080/%C3%BC%2050%25/x?q=%25zz"`},
		"a question mark in a path":   {[]spanOption{as("url.path", "/a?b#c")}, `curl -g -i --url "http://localhost:8080/a%3Fb%23c"`},
		"an IPv6 host":                {[]spanOption{as("server.address", "2001:db8::1")}, `curl -g -i --url "http://[2001:db8::1]:8080/"`},
		"an IPv6 host in brackets":    {[]spanOption{as("server.address", "[::1]")}, `curl -g -i --url "http://[::1]:8080/"`},
		"an IPv6 host without a port": {[]spanOption{as("server.address", "::1"), noPort}, `curl -g -i --url "http://[::1]/"`},
		"a header":                    {[]spanOption{attrs(list("http.request.header.accept", "text/*;q=0.8"))}, `curl -g -i -H "accept: text/*;q=0.8" --url ` + root},
		"a quote in a header":         {[]spanOption{attrs(list("http.request.header.x", "it's; rm -rf ~"))}, `curl -g -i -H "x: it's; rm -rf ~" --url ` + root},
		"the other quote in a header": {[]spanOption{attrs(list("http.request.header.x", `a" & calc "`))}, `curl -g -i --url ` + root},
		"a header that expands":       {[]spanOption{attrs(list("http.request.header.x", "$HOME", "`id`", "%PATH%", "!!", `\`, "^", "\u201c"))}, `curl -g -i --url ` + root},
		"a line break in a header":    {[]spanOption{attrs(list("http.request.header.x", "a\nrm -rf ~\n"))}, `curl -g -i --url ` + root},
		"a header that is a file":     {[]spanOption{attrs(list("http.request.header.@/etc/passwd", "x"))}, `curl -g -i --url ` + root},
		"an escape sequence":          {[]spanOption{as("url.query", "\x1b[2J")}, `curl -g -i --url "http://localhost:8080/?%1B%5B2J"`},
		"a variable of cmd.exe":       {[]spanOption{as("url.query", "a=%DATABASE_URL%26&b=%PATH%")}, `curl -g -i --url "http://localhost:8080/?a=%DA%54ABASE_URL%26&b=%25PATH%25"`},
		"the directory of cmd.exe":    {[]spanOption{as("url.query", "a=%CD%41")}, ""},
		"another scheme":              {[]spanOption{as("url.scheme", "file")}, ""},
		"a host that is none":         {[]spanOption{as("server.address", `x" & calc "`)}, ""},
		"a host that is an option":    {[]spanOption{as("server.address", "-o")}, ""},
		"a method that is none":       {[]spanOption{as("http.request.method", "GET;id")}, ""},
		"a method that is an option":  {[]spanOption{as("http.request.method", "-o")}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := curlFor(t, c.opts...); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func noPort(s *tracev1.Span) {
	s.Attributes = slices.DeleteFunc(s.Attributes, func(kv *keyValue) bool { return kv.Key == "server.port" })
}

// hostile is every character that some shell, curl or terminal gives a meaning to, and what they make
// of several.
var hostile = []string{
	"[1-200]", "{a,b,c}", "$(touch pwned)", "`touch pwned`", "${HOME}", "$HOME", "%HOME%", "!!", "!touch", "^touch^pwned",
	"';touch pwned;'", `";touch pwned;"`, `\`, `\";touch pwned;"`, "\ntouch pwned\n", "\r\ntouch pwned\r\n", "|touch pwned", "&touch pwned&",
	">pwned", "<pwned", "~root", "*", "?", "#", "(touch pwned)", "=touch", "@pwned", "\x00", "\x1b[201~touch pwned\n", "\u201d;touch pwned;\u201c", "%DA%54", "-o pwned", "$'\\n'", "\x7f",
}

// In the shells that this machine has, the command is curl with the words that it should have, and
// nothing beside it has happened.
func TestCurlIsOneCommandInEveryShell(t *testing.T) {
	t.Parallel()
	bin := t.TempDir()
	fake := "#!/bin/sh\nfor w in \"$@\"; do printf '<%s>\\n' \"$w\"; done; echo '$'\n"
	if err := os.WriteFile(filepath.Join(bin, "curl"), []byte(fake), 0o755); err != nil {
		t.Fatal(err)
	}
	var commands []string
	for _, h := range hostile {
		commands = append(commands,
			curlFor(t, as("url.query", "q="+h)), curlFor(t, as("url.path", "/"+h)),
			curlFor(t, attrs(list("http.request.header.x", h))),
			curlFor(t, as("http.request.method", h)), curlFor(t, as("server.address", h)))
	}
	commands = slices.DeleteFunc(commands, func(c string) bool { return c == "" })
	home := t.TempDir()
	for _, shell := range [][]string{{"sh", "-c"}, {"bash", "-c"}, {"bash", "-O", "extglob", "-c"}, {"dash", "-c"}, {"zsh", "-c"}, {"zsh", "-o", "extended_glob", "-c"}, {"ksh", "-c"}, {"mksh", "-c"}, {"yash", "-c"}, {"fish", "-c"}, {"tcsh", "-c"}, {"busybox", "sh", "-c"}, {"pwsh", "-Command"}} {
		t.Run(strings.Join(shell, " "), func(t *testing.T) {
			path, err := exec.LookPath(shell[0])
			if err != nil {
				t.Skip("not on this machine")
			}
			dir := t.TempDir()
			cmd := exec.Command(path, append(slices.Clone(shell[1:]), strings.Join(commands, "\n"))...)
			cmd.Dir, cmd.Env = dir, []string{"PATH=" + bin + ":" + os.Getenv("PATH"), "HOME=" + home, "TERM=dumb"}
			out, err := cmd.CombinedOutput()
			if err != nil {
				t.Errorf("%v\n%s", err, out)
			}
			got := strings.Split(strings.TrimSuffix(string(out), "$\n"), "$\n")
			if len(got) != len(commands) {
				t.Errorf("%d commands were made of %d", len(got), len(commands))
			}
			for i, command := range commands[:min(len(got), len(commands))] {
				if want := unquote(command); "curl "+strings.ReplaceAll(strings.TrimSpace(got[i]), "\n", " ") != want {
					t.Fatalf("got  %s\nwant %s", got[i], want)
				}
			}
			if left, _ := filepath.Glob(filepath.Join(dir, "*")); len(left) > 0 {
				t.Errorf("%v were made", left)
			}
		})
	}
}

// unquote writes a command's words as the fake curl does.
func unquote(command string) string {
	var words []string
	quoted := false
	for _, part := range strings.Split(command, `"`) {
		if quoted {
			words = append(words, fmt.Sprintf("<%s>", part))
		} else {
			for _, w := range strings.Fields(part) {
				words = append(words, fmt.Sprintf("<%s>", w))
			}
		}
		quoted = !quoted
	}
	return strings.Replace(strings.Join(words, " "), "<curl>", "curl", 1)
}
