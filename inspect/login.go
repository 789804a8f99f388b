// SPDX-License-Identifier: Apache-2.0

package inspect

import (
	"cmp"
	"net/http"
	"strings"
)

// refuse answers in the language of whoever asks: a status for exporters, a form or a sentence for
// people, JSON for scripts.
func (in *Inspector) refuse(w http.ResponseWriter, r *http.Request, otlp bool, status int, why string) {
	if status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Bearer realm="inspect"`)
	}
	switch {
	case otlp:
		respondError(w, strings.HasPrefix(r.Header.Get("Content-Type"), typeJSON), status, why)
	case strings.Contains(r.Header.Get("Accept"), "text/html"):
		in.page.serve(w, status, "refused", map[string]any{"Why": why, "Form": status == http.StatusUnauthorized})
	default:
		writeError(w, status, why)
	}
}

// login exchanges the token for a cookie. The token never is part of a URL, which ends up in
// histories and logs.
func (in *Inspector) login(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		http.Redirect(w, r, in.cfg.path+"/", http.StatusSeeOther)
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, 4096)
	if !in.guard.isToken(r.PostFormValue("token")) {
		in.page.serve(w, http.StatusUnauthorized, "refused", map[string]any{"Why": "that is not the token", "Form": true})
		return
	}
	http.SetCookie(w, &http.Cookie{
		Name:     cookieName,
		Value:    in.guard.cookie,
		Path:     cmp.Or(in.cfg.path, "/"),
		HttpOnly: true,
		Secure:   r.TLS != nil,
		SameSite: http.SameSiteStrictMode,
	})
	http.Redirect(w, r, in.cfg.path+"/", http.StatusSeeOther)
}
