// SPDX-License-Identifier: Apache-2.0

package ops

import (
	"html/template"
	"net/http"

	"go.uber.org/zap"

	natsjobs "github.com/asynclocal/asynclocal/jobs/nats"
)

var pageTemplate = template.Must(template.New("page").Parse(`<!DOCTYPE html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Dead letters</title>
<style>body{font:16px system-ui;margin:2rem;color-scheme:light dark}td,th{text-align:left;padding:.3rem 1rem .3rem 0;vertical-align:top}</style>
<h1>Dead letters</h1>
<p>{{.Info.Jobs}} jobs are in the queue, {{.Info.Dead}} were given up.</p>
{{if .Letters}}<form method="post" action="/dead-letters/replay"><button>Replay all</button></form>
<table><tr><th>Number<th>Job<th>Reason<th>Request<th>Given up<th></tr>
{{range .Letters}}<tr><td><a href="/dead-letters/{{.Number}}">{{.Number}}</a><td>{{.Job}}<td>{{.Reason}}<td>{{.RequestID}}<td>{{.Buried.Format "2006-01-02 15:04:05"}}
<td><form method="post" action="/dead-letters/{{.Number}}/replay"><button aria-label="Replay letter {{.Number}}">Replay</button></form></tr>
{{end}}</table>{{end}}</html>
`))

func (o *operator) page(w http.ResponseWriter, r *http.Request) {
	info, err := o.queue.Info(r.Context())
	var found []natsjobs.DeadLetter
	if err == nil {
		found, err = o.queue.DeadLetters(r.Context(), 0, pageSize)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	view := struct {
		Info    natsjobs.Info
		Letters []Letter
	}{Info: info}
	for _, l := range found {
		view.Letters = append(view.Letters, letter(l))
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if err := pageTemplate.Execute(w, view); err != nil {
		zap.L().Warn("the page of dead letters was not delivered", zap.Error(err))
	}
}
