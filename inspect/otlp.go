// SPDX-License-Identifier: Apache-2.0

package inspect

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"
	"sync"
)

const (
	typeProto = "application/x-protobuf"
	typeJSON  = "application/json"

	// maxPooledBody is the largest body buffer kept for the next export.
	maxPooledBody = 1 << 20
)

var errTooLarge = errors.New("the body is larger than the inspector accepts")

type decoder func(body []byte, json bool) (*batch, error)

// receive answers one OTLP/HTTP export, as the OTLP specification's section "OTLP/HTTP" says. A nil
// decoder accepts and drops: an SDK that sends metrics to the same endpoint must not see errors.
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
	if !in.enter() {
		w.Header().Set("Retry-After", "1")
		respondError(w, asJSON, http.StatusTooManyRequests, "the inspector is busy")
		return
	}
	defer in.leave()
	buf := bodies.Get().(*bytes.Buffer)
	defer putBody(buf)
	if err := in.readBody(buf, w, r); err != nil {
		respondBodyError(w, asJSON, err)
		return
	}
	if decode == nil {
		respondOK(w, asJSON, &batch{})
		return
	}
	in.decoding <- struct{}{}
	defer func() { <-in.decoding }()
	b, err := decode(buf.Bytes(), asJSON)
	if err != nil {
		respondError(w, asJSON, http.StatusBadRequest, "the body cannot be decoded: "+err.Error())
		return
	}
	in.ring.add(b)
	respondOK(w, asJSON, b)
}

// maxExports is how many exports may be under way at once. Senders are told to come back beyond it.
const maxExports = 64

func (in *Inspector) enter() bool {
	if in.exports.Add(1) <= maxExports {
		return true
	}
	in.exports.Add(-1)
	return false
}

func (in *Inspector) leave() { in.exports.Add(-1) }

var bodies = sync.Pool{New: func() any { return new(bytes.Buffer) }}

func putBody(b *bytes.Buffer) {
	if b.Cap() <= maxPooledBody {
		b.Reset()
		bodies.Put(b)
	}
}

type unsupportedEncoding string

func (e unsupportedEncoding) Error() string {
	return "Content-Encoding " + string(e) + " is not supported, gzip is"
}

func (in *Inspector) readBody(buf *bytes.Buffer, w http.ResponseWriter, r *http.Request) error {
	var body io.Reader = http.MaxBytesReader(w, r.Body, in.cfg.maxBody)
	switch enc := strings.ToLower(r.Header.Get("Content-Encoding")); enc {
	case "", "identity":
	case "gzip":
		zr, err := gzip.NewReader(body)
		if err != nil {
			return err
		}
		body = zr // its Close would only repeat what reading to the end reports
	default:
		return unsupportedEncoding(enc)
	}
	n, err := buf.ReadFrom(io.LimitReader(body, in.cfg.maxBody+1))
	if err == nil && n > in.cfg.maxBody {
		err = errTooLarge
	}
	return err
}

func respondBodyError(w http.ResponseWriter, asJSON bool, err error) {
	var over *http.MaxBytesError
	var enc unsupportedEncoding
	switch {
	case errors.Is(err, errTooLarge), errors.As(err, &over):
		respondError(w, asJSON, http.StatusRequestEntityTooLarge, errTooLarge.Error())
	case errors.As(err, &enc):
		w.Header().Set("Accept-Encoding", "gzip")
		respondError(w, asJSON, http.StatusUnsupportedMediaType, enc.Error())
	default:
		respondError(w, asJSON, http.StatusBadRequest, "the body cannot be read: "+err.Error())
	}
}
