// SPDX-License-Identifier: Apache-2.0

package text_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"github.com/asynclocal/asynclocal/internal/text"
)

type failing struct{ how func() string }

func (f *failing) Error() string { return f.how() }

type named struct{ how func() string }

func (n named) String() string { return n.how() }

// bad panics when it is asked what it is.
type bad struct{}

func (bad) Error() string { panic(bad{}) }

func TestErrorsAreSaid(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		err  error
		want string
	}{
		"none":                     {nil, "<nil>"},
		"as it says":               {io.EOF, "EOF"},
		"of a type of its own":     {&failing{func() string { return "mine" }}, "mine"},
		"nil inside":               {(*failing)(nil), "<nil>"},
		"one that panics":          {&failing{func() string { panic("boom") }}, "%!v(PANIC=Error method: boom)"},
		"with what panics too":     {&failing{func() string { panic(bad{}) }}, "%!v(PANIC=Error method: text_test.bad)"},
		"one that panics with nil": {&failing{func() string { panic(nil) }}, "%!v(PANIC=Error method: " + new(runtime.PanicNilError).Error() + ")"}, //nolint:govet // meant; the text is the runtime's
		"one that exits":           {&failing{func() string { runtime.Goexit(); return "" }}, "%!v(Error method called runtime.Goexit)"},
		"not UTF-8":                {errors.New("a\xff"), "a\uFFFD"},
		"a URL with secrets": {&url.Error{Op: "Get", URL: "https://u:p@h/x?page=2&access_token=abc#frag", Err: io.EOF},
			`Get "https://REDACTED:REDACTED@h/x?page=2&access_token=REDACTED#frag": EOF`},
		"a data source":  {fmt.Errorf("dial postgres://u:p/w@h:5432/db: %w", io.EOF), "dial postgres://REDACTED:REDACTED@h:5432/db: EOF"},
		"an @ in a path": {errors.New("get https://h:80/@a/b?x=1"), "get https://h:80/@a/b?x=1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := text.Error(tt.err, 1024); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
	long := errors.New(strings.Repeat("ä", 50<<20))
	if got := text.Error(long, 101); len(got) != 100 || !utf8.ValidString(got) {
		t.Errorf("of a long one %d bytes", len(got))
	}
}

func TestABlockedMethodIsWaitedForOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		err := &failing{func() string { <-release; return "late" }}
		begin := time.Now()
		for range 3 {
			if got := text.Error(err, 100); got != "%!v(Error method has not returned)" {
				t.Errorf("got %q", got)
			}
		}
		if took := time.Since(begin); took != text.Patience {
			t.Errorf("took %v", took)
		}
		close(release)
		synctest.Wait()
		if got := text.Error(err, 100); got != "late" {
			t.Errorf("once it returns: %q", got)
		}
	})
}

func TestPanicsAreSaid(t *testing.T) {
	t.Parallel()
	cyclic := map[string]any{}
	cyclic["self"] = cyclic
	list := []any{nil}
	list[0] = list
	type node struct{ Next *node }
	ring := &node{}
	ring.Next = ring
	var deep any
	for range 1_000_000 {
		deep = []any{deep}
	}
	for name, tt := range map[string]struct {
		value any
		want  string
	}{
		"nothing":                {nil, "<nil>"},
		"a string":               {"boom", "boom"},
		"a number":               {1.5, "1.5"},
		"an error":               {io.EOF, "EOF"},
		"a Stringer":             {named{func() string { return "n" }}, "n"},
		"a Stringer that panics": {named{func() string { panic("x") }}, "%!v(PANIC=String method: x)"},
		"a struct":               {struct{ A, B any }{1, "x"}, "{1 x}"},
		"a struct with such":     {struct{ A any }{named{func() string { panic("x") }}}, "{%!v(PANIC=String method: x)}"},
		"a cyclic map":           {cyclic, "map[string]interface {}, too deep or too large to be printed"},
		"a cyclic slice":         {list, "[]interface {}, too deep or too large to be printed"},
		"a million levels":       {deep, "[]interface {}, too deep or too large to be printed"},
		"100 MB":                 {struct{ B []byte }{make([]byte, 100<<20)}, "struct { B []uint8 }, too deep or too large to be printed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := text.Of(tt.value, 1024); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
	if got := text.Of(ring, 100); !strings.HasPrefix(got, "&{0x") {
		t.Errorf("of a ring: %q", got)
	}
}

type unwraps struct{ error }

func (u *unwraps) Unwrap() error { return u.error }

func TestErrorsAreAskedWhatTheyAre(t *testing.T) {
	t.Parallel()
	var none *unwraps
	if text.Is(none, io.EOF) || !text.Is(&unwraps{io.EOF}, io.EOF) {
		t.Error("Is")
	}
	if _, ok := text.As[*url.Error](none); ok {
		t.Error("As of one that panics")
	}
	if got, ok := text.As[*unwraps](fmt.Errorf("%w", &unwraps{io.EOF})); !ok || got.error != io.EOF { //nolint:errorlint // the very one
		t.Error("As")
	}
	if got := text.Type(none, 99, func(err error) string { return err.Error() }); got != "*text_test.unwraps" {
		t.Errorf("Type is %q", got)
	}
	if !text.Is(context.Canceled, context.Canceled) {
		t.Error("Is of the very one")
	}
}

func TestQueriesAreRedacted(t *testing.T) {
	t.Parallel()
	also := text.Query{}.With([]string{"vip"})
	listed := also.WithAllowed([]string{"page", "code", "vip"})
	for _, tt := range []struct {
		q        *text.Query
		in, want string
	}{
		{nil, "", ""},
		{nil, "a=1&b=2", "a=1&b=2"},
		{nil, "sig=1&Sig=1", "sig=REDACTED&Sig=1"}, // the conventions' names are case-sensitive
		{nil, "access_token=1&AccessToken=2&access-token=3", "access_token=REDACTED&AccessToken=REDACTED&access-token=REDACTED"},
		{nil, "a=1&password=p&API_KEY=k;code=c&token=t", "a=1&password=REDACTED&API_KEY=REDACTED;code=REDACTED&token=REDACTED"},
		{nil, "user[password]=p&user%5Bpass%77ord%5D=p", "user[password]=REDACTED&user%5Bpass%77ord%5D=REDACTED"},
		{nil, "tokens=3&page_token=x&keyword=k&encode=1&zipcode=2", "tokens=3&page_token=x&keyword=k&encode=1&zipcode=2"},
		{nil, "token=&token", "token=&token"},
		{nil, strings.Repeat("x", 200) + "_secret=1", strings.Repeat("x", 200) + "_secret=REDACTED"},
		{nil, "%zz=1&to%6ben=1", "%zz=1&to%6ben=REDACTED"},
		{&also, "vip=1&Vip=2&token=3", "vip=REDACTED&Vip=2&token=REDACTED"},
		{&listed, "vip=1&page=2&code=3&other=4&", "vip=REDACTED&page=2&code=3&other=REDACTED&"},
	} {
		if got := tt.q.Redact(tt.in); got != tt.want {
			t.Errorf("of %q: got %q, want %q", tt.in, got, tt.want)
		}
	}
}

func TestURLsAreShown(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"https://h/p?q=1#top":                 "https://h/p?q=1#top",
		"https://u:p@h/p?api_key=1":           "https://REDACTED:REDACTED@h/p?api_key=REDACTED",
		"https://h/cb#access_token=1&state=2": "https://h/cb#access_token=REDACTED&state=2",
		"https://h/a%ffb?x=\xff":              "https://h/a%FFb?x=\uFFFD",
	} {
		u, err := url.Parse(in)
		if err != nil {
			t.Fatal(err)
		}
		if got := text.URL(u, nil, 1000); got != want && got != strings.ReplaceAll(want, "%FF", "%ff") {
			t.Errorf("of %q: got %q, want %q", in, got, want)
		}
	}
	opaque := &url.URL{Scheme: "http", Host: "h", Opaque: "//u:p@h/x?token=1"}
	if got := text.URL(opaque, nil, 1000); got != "http://REDACTED:REDACTED@h/x?token=REDACTED" {
		t.Errorf("of an opaque one: %q", got)
	}
}

func TestLookingForSecretsDoesNotAllocate(t *testing.T) {
	if n := testing.AllocsPerRun(100, func() { (*text.Query)(nil).Redact("page=2&sort=asc&filter[name]=x") }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

// FuzzURLs holds that what is shown is text, and that a secret in a URL is not.
func FuzzURLs(f *testing.F) {
	f.Add("Get \"https://u:hunter2@h/x?token=hunter2\"", "x")
	f.Fuzz(func(t *testing.T, before, name string) {
		if strings.Contains(before+name, "hunter2") {
			t.Skip()
		}
		shown := text.Error(errors.New(before+" http://u:hunter2@h/?"+url.QueryEscape(name)+"=1&token=hunter2 "), 1<<20)
		if !utf8.ValidString(shown) || strings.Contains(shown, "hunter2") {
			t.Errorf("got %q", shown)
		}
	})
}
