// SPDX-License-Identifier: Apache-2.0

package inspect

import (
	"errors"
	"mime"
	"net/http"

	"github.com/asynclocal/asynclocal/inspect/internal/otlp"
	"github.com/asynclocal/asynclocal/inspect/internal/telemetry"
)

const (
	typeProto = "application/x-protobuf"
	typeJSON  = "application/json"
)

// decoder hands over the records of a body as it decodes them, and returns the results for all.
type decoder func(body []byte, json bool, add func(*telemetry.Batch)) (*otlp.Export, error)

// receive answers one OTLP/HTTP export, as in the OTLP specification, section "OTLP/HTTP". With a
// nil decoder it accepts and drops: an SDK that sends metrics to the same endpoint must not see
// errors.
func (in *Inspector) receive(w http.ResponseWriter, r *http.Request, decode decoder) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		respondError(w, false, http.StatusMethodNotAllowed, "exports are sent with POST")
		return
	}
	media, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if media != typeProto && media != typeJSON {
		respondError(w, false, http.StatusUnsupportedMediaType, "Content-Type is neither "+typeProto+" nor "+typeJSON)
		return
	}
	asJSON := media == typeJSON
	one := in.intake.enter(w, r)
	if one == nil {
		respondBodyError(w, asJSON, errBusy)
		return
	}
	defer in.intake.leave(one)
	limit := in.cfg.maxBody
	if asJSON {
		limit = min(limit, otlp.MaxJSON)
	}
	b := in.newBody(r.Context(), one, limit)
	defer b.release()
	if err := b.read(w, r); err != nil {
		respondBodyError(w, asJSON, err)
		return
	}
	if decode == nil {
		respondOK(w, asJSON, &otlp.Export{})
		return
	}
	in.take(w, r, b, asJSON, decode)
}

// take decodes a body and adds its records, unless its sender has left: it would send them again.
func (in *Inspector) take(w http.ResponseWriter, r *http.Request, b *body, asJSON bool, decode decoder) {
	select {
	case in.decoding <- struct{}{}:
	case <-r.Context().Done():
		return
	}
	defer func() { <-in.decoding }()
	if r.Context().Err() != nil {
		return
	}
	b.reserved.Grow(decodedSize(b.buf.Len(), asJSON))
	got, err := decode(b.buf.Bytes(), asJSON, in.store.Add)
	if err != nil {
		respondError(w, asJSON, http.StatusBadRequest, "the body cannot be decoded: "+err.Error())
		return
	}
	in.store.Count(&got.Batch)
	respondOK(w, asJSON, got)
}

func respondBodyError(w http.ResponseWriter, asJSON bool, err error) {
	var over *http.MaxBytesError
	var enc unsupportedEncoding
	switch {
	case errors.Is(err, errTooLarge), errors.As(err, &over):
		respondError(w, asJSON, http.StatusRequestEntityTooLarge, errTooLarge.Error())
	case errors.Is(err, errBusy):
		w.Header().Set("Retry-After", "1")
		w.Header().Set("Connection", "close")
		respondError(w, asJSON, http.StatusTooManyRequests, err.Error())
	case errors.Is(err, errSlow):
		w.Header().Set("Connection", "close")
		respondError(w, asJSON, http.StatusRequestTimeout, err.Error())
	case errors.As(err, &enc):
		w.Header().Set("Accept-Encoding", "gzip")
		respondError(w, asJSON, http.StatusUnsupportedMediaType, enc.Error())
	default:
		respondError(w, asJSON, http.StatusBadRequest, "the body cannot be read: "+err.Error())
	}
}

// decodedSize returns the maximum memory that decoding n bytes takes temporarily, beyond the bytes
// themselves and the records that are kept.
func decodedSize(n int, asJSON bool) int {
	if asJSON {
		return 6 * n
	}
	return min(8*n, otlp.MaxDecoded)
}
