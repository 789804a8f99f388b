// SPDX-License-Identifier: Apache-2.0

package inspect

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"
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

// respondOK answers an export that was taken, as a whole or, where records had to be rejected, in part.
// A message without a rejected record is a warning, the specification says.
func respondOK(w http.ResponseWriter, asJSON bool, b *batch) {
	if asJSON {
		body := []byte("{}")
		if b.rejected+b.mended > 0 {
			body, _ = json.Marshal(map[string]any{"partialSuccess": map[string]string{
				rejectedKey(b): strconv.Itoa(b.rejected), // an int64 is a string in protobuf's JSON
				"errorMessage": b.message(),
			}})
		}
		respond(w, typeJSON, http.StatusOK, body)
		return
	}
	var body []byte
	if b.rejected+b.mended > 0 {
		var partial []byte
		partial = protowire.AppendTag(partial, fieldRejected, protowire.VarintType)
		partial = protowire.AppendVarint(partial, uint64(b.rejected))
		partial = protowire.AppendTag(partial, fieldErrorMessage, protowire.BytesType)
		partial = protowire.AppendString(partial, b.message())
		body = protowire.AppendTag(body, fieldPartialSuccess, protowire.BytesType)
		body = protowire.AppendBytes(body, partial)
	}
	respond(w, typeProto, http.StatusOK, body)
}

func (b *batch) message() string {
	if b.mended == 0 {
		return b.reason
	}
	return strings.TrimPrefix(b.reason+"; text that was not UTF-8 was mended, with U+FFFD for what could not be read", "; ")
}

func rejectedKey(b *batch) string {
	if b.fromLogs {
		return "rejectedLogRecords"
	}
	return "rejectedSpans"
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
