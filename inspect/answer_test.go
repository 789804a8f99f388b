// SPDX-License-Identifier: Apache-2.0

package inspect_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/asynclocal/asynclocal/inspect"
)

func escape(id string) string { return url.PathEscape(id) }

func TestEveryAnswerForbidsForeignScripts(t *testing.T) {
	t.Parallel()
	insp := inspect.New(inspect.WithoutToken())
	defer insp.Close()
	for _, path := range []string{"/", "/requests/x", "/assets/list.js", "/api/requests", "/api/requests/x", "/nowhere"} {
		h := do(insp, newRequest("GET", "/inspect"+path, nil)).Header()
		csp := h.Get("Content-Security-Policy")
		if !strings.Contains(csp, "default-src 'none'") || !strings.Contains(csp, "script-src 'self'") || strings.Contains(csp, "unsafe-") {
			t.Errorf("%s: policy %q", path, csp)
		}
		if h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Referrer-Policy") != "no-referrer" {
			t.Errorf("%s: %v", path, h)
		}
	}
}

func TestTheIDInAPagesAddressIsData(t *testing.T) {
	t.Parallel()
	insp := inspect.New(inspect.WithoutToken())
	defer insp.Close()
	w := do(insp, newRequest("GET", "/inspect/requests/"+escape(`"><script>alert(1)</script>`), nil))
	if body := w.Body.String(); strings.Contains(body, "<script>alert") || !strings.Contains(body, "&lt;script&gt;alert") {
		t.Errorf("%s", body)
	}
}
