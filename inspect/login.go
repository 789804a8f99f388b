// SPDX-License-Identifier: Apache-2.0

package inspect

import (
	"cmp"
	"net/http"
	"strings"
	"time"
)

// refuse answers in the form that the client expects: a status for exporters, a form or a sentence
// for people, JSON for scripts.
func (in *Inspector) refuse(w http.ResponseWriter, r *http.Request, otlp bool, status int, why string) {
	switch status {
	case http.StatusUnauthorized:
		w.Header().Set("WWW-Authenticate", `Bearer realm="inspect"`)
	case http.StatusTooManyRequests:
		w.Header().Set("Retry-After", "5")
	}
	switch {
	case otlp:
		respondError(w, strings.HasPrefix(r.Header.Get("Content-Type"), typeJSON), status, why)
	case strings.Contains(r.Header.Get("Accept"), "text/html"):
		in.refusePage(w, status, why)
	default:
		writeError(w, status, why)
	}
}

// refusePage says why, and asks for the token if one would help.
func (in *Inspector) refusePage(w http.ResponseWriter, status int, why string) {
	// With no-referrer, as on the other pages, the form's origin would be sent as null: it shows
	// whether the browser speaks TLS with a proxy.
	w.Header().Set("Referrer-Policy", "same-origin")
	in.page.serve(w, status, "refused", map[string]any{"Why": why, "Form": status != http.StatusForbidden && in.guard.token != ""})
}

// login exchanges the token for a cookie. The token is never part of a URL that is sent, which
// would end up in histories and logs: the link of [Inspector.Link] has it in the fragment, which
// stays in the browser.
func (in *Inspector) login(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		http.Redirect(w, r, in.cfg.path+"/", http.StatusSeeOther)
		return
	}
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(loginTime))
	r.Body = http.MaxBytesReader(w, r.Body, 4096)
	if no := in.guard.check(r, r.PostFormValue("token"), "that is not the token"); no != nil {
		if no.status == http.StatusTooManyRequests {
			w.Header().Set("Retry-After", "5")
		}
		in.refusePage(w, no.status, no.why)
		return
	}
	http.SetCookie(w, &http.Cookie{
		Name:     cookieName(r),
		Value:    in.guard.session,
		Path:     cmp.Or(in.cfg.path, "/"),
		HttpOnly: true,
		Secure:   overTLS(r),
		SameSite: http.SameSiteStrictMode,
	})
	http.Redirect(w, r, in.cfg.path+"/", http.StatusSeeOther)
}

// loginTime is how long sending a login may take.
const loginTime = 10 * time.Second
