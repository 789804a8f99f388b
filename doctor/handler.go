// SPDX-License-Identifier: Apache-2.0

package doctor

import (
	"bytes"
	"html/template"
	"net/http"
	"strings"

	"github.com/asynclocal/asynclocal/doctor/report"
)

// Handler returns a page with the findings as they are when it is requested. With ?format=json, or
// to clients that accept only JSON, it serves the report that asynclocal vet -findings reads.
//
// It asks for no credentials, and shows source paths and request ids: mount it where only you can
// see it, such as with the inspector's WithPage. It answers GET and HEAD, and runs no script.
func Handler() http.Handler { return http.HandlerFunc(serve) }

func serve(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "only GET", http.StatusMethodNotAllowed)
		return
	}
	var b bytes.Buffer
	kind := "text/html; charset=utf-8"
	var err error
	found := Findings()
	if r.URL.Query().Get("format") == "json" || r.Header.Get("Accept") == "application/json" {
		kind, err = "application/json", report.Report{Findings: found}.Write(&b)
	} else {
		err = page.Execute(&b, view{found, Missed(), latest.Load() != nil})
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	if h.Get("Content-Security-Policy") == "" {
		h.Set("Content-Security-Policy", "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	}
	_, _ = w.Write(b.Bytes()) // the client is gone
}

// view is what the page shows.
type view struct {
	Findings []Finding
	Missed   int
	On       bool
}

// page has no styles. The place where it is mounted may not allow any, and it is readable without
// them.
var page = template.Must(template.New("findings").Funcs(template.FuncMap{
	"rest": func(f Finding) []string { return f.Stack[min(1, len(f.Stack)):] },
	"text": func(s string) string { return strings.TrimSpace(s) },
}).Parse(`<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>Findings</title>
<h1>Where a context is lost</h1>
{{- if not .On}}
<p>No doctor is on: call doctor.Start, first in main.</p>
{{- else if not .Findings}}
<p>Nothing was found so far.</p>
{{- else}}
<p>{{len .Findings}} found{{if .Missed}}, and {{.Missed}} times something at places beyond the first that are kept{{end}}. <a href="?format=json">As a report</a> for asynclocal vet -findings.</p>
{{- range .Findings}}
<article>
<h2>{{.Message}}</h2>
<p><b>{{.Kind}}</b>, {{.Count}}×, at <code>{{.Where}}</code></p>
<pre><code>{{text .Cure}}</code></pre>
<details><summary>How it came there</summary>
<ul>{{range rest .}}<li><code>{{.}}</code>{{end}}
{{- if .CreatedBy}}<li>on a goroutine of the go statement at <code>{{.CreatedBy}}</code>{{end}}
{{- if .Request}}<li>for example in the request <code>{{.Request}}</code>{{end}}</ul>
</details>
</article>
{{- end}}
{{- end}}
</html>
`))
