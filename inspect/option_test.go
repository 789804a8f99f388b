// SPDX-License-Identifier: Apache-2.0

package inspect_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/asynclocal/asynclocal/inspect"
)

func TestAnOptionThatMakesNoSensePanicsWithTheBound(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		opt  inspect.Option
		want string
	}{
		"a path without a slash":              {inspect.WithPath("inspect"), `WithPath("inspect"): a path starts with a slash, as in "/inspect"`},
		"a path that is another host's":       {inspect.WithPath("//evil.example"), `WithPath("//evil.example"): a path has no empty parts`},
		"a path with an empty part":           {inspect.WithPath("/a//b"), `WithPath("/a//b"): a path has no empty parts`},
		"a path with markup":                  {inspect.WithPath(`/"><script>`), `use letters, digits`},
		"a path that a browser reads as that": {inspect.WithPath(`/\evil.example`), `use letters, digits`},
		"a token that is short":               {inspect.WithToken("short"), "WithToken: the token has 5 characters, it needs at least 16"},
		"little memory":                       {inspect.WithMaxBytes(1000), "WithMaxBytes(1000): it needs at least 1048576"},
		"no age":                              {inspect.WithMaxAge(0), "WithMaxAge(0s): it must be above zero"},
		"no body":                             {inspect.WithMaxBody(-1), "WithMaxBody(-1): it must be above zero"},
		"nothing is slow":                     {inspect.WithSlowThreshold(-1), "WithSlowThreshold(-1ns): it must be above zero"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			defer func() {
				if got := fmt.Sprint(recover()); !strings.HasPrefix(got, "inspect: ") || !strings.Contains(got, c.want) {
					t.Errorf("got %q, want %q in it", got, c.want)
				}
			}()
			inspect.New(c.opt)
		})
	}
}

func TestAnEmptyTokenIsNoneAndNotNoNeedOfOne(t *testing.T) {
	t.Parallel()
	for _, opts := range [][]inspect.Option{{inspect.WithToken("")}, {inspect.WithoutToken(), inspect.WithToken("")}} {
		insp := inspect.New(opts...)
		t.Cleanup(func() { _ = insp.Close() })
		if len(insp.Token()) < 26 {
			t.Errorf("token %q", insp.Token())
		}
	}
}
