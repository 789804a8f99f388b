// SPDX-License-Identifier: Apache-2.0

package inspect

import (
	"bytes"
	"embed"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"time"
)

//go:embed ui
var ui embed.FS

// page serves the HTML shells and the files they load. The shells contain no telemetry: the scripts
// fetch it as JSON and write it as text, so data enters the document in one place.
type page struct {
	templates *template.Template
	base      string
	slowMS    float64
	token     bool // whether a token is needed
}

func newPage(c *config) *page {
	return &page{
		templates: template.Must(template.ParseFS(ui, "ui/*.html")),
		base:      c.path,
		slowMS:    float64(c.slow) / float64(time.Millisecond),
		token:     !c.open,
	}
}

func (p *page) serve(w http.ResponseWriter, status int, name string, data map[string]any) {
	if data == nil {
		data = map[string]any{}
	}
	data["Base"], data["SlowMS"], data["Token"] = p.base, p.slowMS, p.token
	var buf bytes.Buffer
	if err := p.templates.ExecuteTemplate(&buf, name+".html", data); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	respond(w, "text/html; charset=utf-8", status, buf.Bytes())
}

var assetTypes = map[string]string{
	".css": "text/css; charset=utf-8",
	".js":  "text/javascript; charset=utf-8",
	".svg": "image/svg+xml",
}

func (p *page) serveAsset(w http.ResponseWriter, r *http.Request, name string) {
	kind, ok := assetTypes[path.Ext(name)]
	body, err := fs.ReadFile(ui, path.Join("ui", path.Base(name)))
	if !ok || err != nil {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Cache-Control", "no-cache") // the next build may differ
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = w.Write(body)
}

func (in *Inspector) serveRequestPage(w http.ResponseWriter, _ *http.Request, id string) {
	status := http.StatusOK
	if _, _, _, ok := in.store.Find(id); !ok {
		status = http.StatusNotFound // the page still waits: telemetry arrives after the response
	}
	in.page.serve(w, status, "request", map[string]any{"ID": id})
}
