// SPDX-License-Identifier: Apache-2.0

package inspect_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/asynclocal/asynclocal/inspect"
)

func TestAPageOfTheUsersIsBehindTheSameToken(t *testing.T) {
	t.Parallel()
	mine := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, "mine") })
	insp := inspect.New(inspect.WithPage("doctor", mine))
	t.Cleanup(func() { _ = insp.Close() })
	ask := func(method, path, token string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, path, nil)
		if token != "" {
			r.Header.Set("Authorization", "Bearer "+token)
		}
		w := httptest.NewRecorder()
		insp.ServeHTTP(w, r)
		return w
	}
	for name, tt := range map[string]struct {
		method, path, token string
		code                int
	}{
		"with the token":    {http.MethodGet, "/inspect/pages/doctor", insp.Token(), http.StatusOK},
		"without the token": {http.MethodGet, "/inspect/pages/doctor", "", http.StatusUnauthorized},
		"to change it":      {http.MethodPost, "/inspect/pages/doctor", insp.Token(), http.StatusMethodNotAllowed},
		"another":           {http.MethodGet, "/inspect/pages/other", insp.Token(), http.StatusNotFound},
		"none":              {http.MethodGet, "/inspect/pages/", insp.Token(), http.StatusNotFound},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := ask(tt.method, tt.path, tt.token)
			if w.Code != tt.code || (w.Body.String() == "mine") != (tt.code == http.StatusOK) {
				t.Errorf("it is answered with %d, %q", w.Code, w.Body)
			}
			if w.Header().Get("Content-Security-Policy") == "" {
				t.Error("it may run scripts")
			}
		})
	}
}

func TestAPageThatMakesNoSensePanicsWithTheCure(t *testing.T) {
	t.Parallel()
	for want, misuse := range map[string]func(){
		"inspect: WithPage with a nil handler; leave the option out for no page": func() { inspect.WithPage("a", nil) },
		`inspect: WithPage("a/b"): a name has 1 to 64 letters, digits and "-"`:   func() { inspect.WithPage("a/b", http.NotFoundHandler()) },
		`inspect: WithPage("a") was given twice; choose another name`: func() {
			inspect.New(inspect.WithPage("a", http.NotFoundHandler()), inspect.WithPage("a", http.NotFoundHandler()))
		},
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			defer func() {
				if got := recover(); got != want {
					t.Errorf("panicked with %q", got)
				}
			}()
			misuse()
		})
	}
}
