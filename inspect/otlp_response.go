// SPDX-License-Identifier: Apache-2.0

package inspect

import (
	"encoding/json"
	"net/http"
	"strconv"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/asynclocal/asynclocal/inspect/internal/otlp"
)

// Field numbers of ExportTraceServiceResponse and ExportLogsServiceResponse (they agree), of their
// partial success, and of google.rpc.Status.
const (
	fieldPartialSuccess = 1
	fieldRejected       = 1
	fieldErrorMessage   = 2
	fieldStatusCode     = 1
	fieldStatusMessage  = 2
)

// respondOK answers an export that was accepted, in whole or, if records were rejected, in part. By
// the specification, a message without a rejected record is a warning.
func respondOK(w http.ResponseWriter, asJSON bool, b *otlp.Export) {
	if asJSON {
		body := []byte("{}")
		if b.Rejected+b.Mended > 0 {
			body, _ = json.Marshal(map[string]any{"partialSuccess": map[string]string{
				b.RejectedKey(): strconv.Itoa(b.Rejected), // an int64 is a string in protobuf's JSON
				"errorMessage":  b.Message(),
			}})
		}
		respond(w, typeJSON, http.StatusOK, body)
		return
	}
	var body []byte
	if b.Rejected+b.Mended > 0 {
		var partial []byte
		partial = protowire.AppendTag(partial, fieldRejected, protowire.VarintType)
		partial = protowire.AppendVarint(partial, uint64(b.Rejected))
		partial = protowire.AppendTag(partial, fieldErrorMessage, protowire.BytesType)
		partial = protowire.AppendString(partial, b.Message())
		body = protowire.AppendTag(body, fieldPartialSuccess, protowire.BytesType)
		body = protowire.AppendBytes(body, partial)
	}
	respond(w, typeProto, http.StatusOK, body)
}

// respondError answers with a google.rpc.Status in the sender's encoding, as the specification asks.
func respondError(w http.ResponseWriter, asJSON bool, status int, message string) {
	code := rpcCode(status)
	if asJSON {
		body, _ := json.Marshal(map[string]any{"code": code, "message": message})
		respond(w, typeJSON, status, body)
		return
	}
	var body []byte
	body = protowire.AppendTag(body, fieldStatusCode, protowire.VarintType)
	body = protowire.AppendVarint(body, uint64(code))
	body = protowire.AppendTag(body, fieldStatusMessage, protowire.BytesType)
	body = protowire.AppendString(body, message)
	respond(w, typeProto, status, body)
}

// rpcCode maps to the codes of google/rpc/code.proto.
func rpcCode(status int) int {
	switch status {
	case http.StatusTooManyRequests, http.StatusRequestEntityTooLarge:
		return 8 // RESOURCE_EXHAUSTED
	case http.StatusServiceUnavailable:
		return 14 // UNAVAILABLE
	case http.StatusUnauthorized:
		return 16 // UNAUTHENTICATED
	case http.StatusForbidden:
		return 7 // PERMISSION_DENIED
	default:
		return 3 // INVALID_ARGUMENT
	}
}

func respond(w http.ResponseWriter, contentType string, status int, body []byte) {
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body)
}
