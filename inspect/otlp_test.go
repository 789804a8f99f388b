// SPDX-License-Identifier: Apache-2.0

package inspect_test

import (
	"bytes"
	"compress/gzip"
	"encoding/hex"
	"net/http"
	"strings"
	"testing"

	"github.com/asynclocal/asynclocal/inspect"
	tracev1 "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
)

func encode(t testing.TB, m proto.Message) []byte {
	t.Helper()
	b, err := proto.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func zipped(b []byte) []byte {
	var buf bytes.Buffer
	w := gzip.NewWriter(&buf)
	_, _ = w.Write(b)
	_ = w.Close()
	return buf.Bytes()
}

// The statuses are those of the OTLP specification, section "OTLP/HTTP Response", and of RFC 9110.
func TestOTLPAnswersWithTheStatusTheSpecificationSays(t *testing.T) {
	t.Parallel()
	good := encode(t, traces("shop", request("t", "s", "r", "GET", "/", 200)))
	const pb, js = "application/x-protobuf", "application/json"
	for name, c := range map[string]struct {
		method, path, contentType, encoding string
		body                                []byte
		want                                int
	}{
		"protobuf traces":                    {"POST", "traces", pb, "", good, 200},
		"protobuf with a parameter":          {"POST", "traces", pb + "; charset=utf-8", "", good, 200},
		"gzip":                               {"POST", "traces", pb, "gzip", zipped(good), 200},
		"identity":                           {"POST", "traces", pb, "identity", good, 200},
		"an empty export":                    {"POST", "traces", pb, "", nil, 200},
		"JSON":                               {"POST", "traces", js, "", []byte(`{"resourceSpans":[]}`), 200},
		"JSON logs":                          {"POST", "logs", js, "", []byte(`{}`), 200},
		"metrics, dropped":                   {"POST", "metrics", pb, "", []byte("anything"), 200},
		"GET":                                {"GET", "traces", pb, "", nil, 405},
		"PUT":                                {"PUT", "logs", pb, "", good, 405},
		"no content type":                    {"POST", "traces", "", "", good, 415},
		"a form, as another site could send": {"POST", "traces", "text/plain", "", good, 415},
		"an unknown content encoding":        {"POST", "traces", pb, "br", good, 415},
		"protobuf that is none":              {"POST", "traces", pb, "", []byte("nonsense"), 400},
		"truncated protobuf":                 {"POST", "traces", pb, "", good[:len(good)-3], 400},
		"gzip that is none":                  {"POST", "traces", pb, "gzip", good, 400},
		"truncated gzip":                     {"POST", "traces", pb, "gzip", zipped(good)[:20], 400},
		"JSON that is none":                  {"POST", "traces", js, "", []byte(`{"resourceSpans":`), 400},
		"JSON of the wrong shape":            {"POST", "traces", js, "", []byte(`{"resourceSpans":"no"}`), 400},
		"a JSON array":                       {"POST", "traces", js, "", []byte(`[]`), 400},
		"two JSON values":                    {"POST", "traces", js, "", []byte(`{}{}`), 400},
		"JSON null":                          {"POST", "traces", js, "", []byte(`null`), 400},
		"a JSON id that is not hexadecimal":  {"POST", "traces", js, "", []byte(`{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"xyz"}]}]}]}`), 400},
		"too large":                          {"POST", "traces", pb, "", make([]byte, 1<<20+1), 413},
		"too large once decompressed":        {"POST", "traces", pb, "gzip", zipped(make([]byte, 8<<20)), 413},
		"metrics are bounded too":            {"POST", "metrics", pb, "", make([]byte, 1<<20+1), 413},
		"a signal that does not exist":       {"POST", "profiles", pb, "", good, 404},
		"invalid UTF-8 in a protobuf string": {"POST", "traces", pb, "", invalidUTF8(t), 200},
		"invalid UTF-8 in JSON":              {"POST", "traces", js, "", []byte("{\"resourceSpans\":[],\"x\":\"\xff\"}"), 200},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			insp := inspect.New(inspect.WithoutToken(), inspect.WithMaxBody(1<<20))
			defer insp.Close()
			r := newRequest(c.method, "/inspect/v1/"+c.path, c.body)
			r.Header.Set("Content-Type", c.contentType)
			r.Header.Set("Content-Encoding", c.encoding)
			w := do(insp, r)
			if w.Code != c.want {
				t.Errorf("%d %q, want %d", w.Code, w.Body, c.want)
			}
			if w.Code == 405 && w.Header().Get("Allow") == "" {
				t.Error("405 without Allow")
			}
			if n := get[listing](t, insp, "requests").Held.Traces; c.want != 200 && n != 0 {
				t.Errorf("%d traces held after a refused export", n)
			}
		})
	}
}

func invalidUTF8(t testing.TB) []byte {
	m := traces("shop", span("t", "placeholder"))
	return bytes.ReplaceAll(encode(t, m), []byte("placeholder"), []byte("placehold\xff\xfe"))
}

// One bad string, wherever it is, costs that string's bad bytes, and the sender is told.
func TestTextThatIsNotUTF8IsMended(t *testing.T) {
	t.Parallel()
	insp := inspect.New(inspect.WithoutToken())
	defer insp.Close()
	const bad, mark = "bad\xff\xfe!", "placeholder"
	s := request("t", "s", "r", "GET", "/", 200, attrs(str("key", mark), str("k-"+mark, "v"), list("list", mark)), failed(mark))
	s.Name, s.TraceState = mark, mark
	s.Events = []*tracev1.Span_Event{{Name: mark}}
	m := traces("shop", s, span("t", "good", child("s")))
	m.ResourceSpans[0].Resource.Attributes = append(m.ResourceSpans[0].Resource.Attributes, str("host", mark))
	m.ResourceSpans[0].ScopeSpans[0].Scope.Name = mark
	body := bytes.ReplaceAll(encode(t, m), []byte(mark), []byte(bad+strings.Repeat("~", len(mark)-len(bad))))
	r := newRequest("POST", "/inspect/v1/traces", body)
	r.Header.Set("Content-Type", "application/x-protobuf")
	w := do(insp, r)
	if w.Code != 200 || !strings.Contains(w.Body.String(), "not UTF-8") {
		t.Fatalf("%d %q, want a warning", w.Code, w.Body)
	}
	const want = "bad\ufffd!~~~~~"
	v := get[view](t, insp, "requests/r")
	if len(v.Spans) != 2 || v.Spans[0].Name != want || v.Spans[0].Details.Status != want || v.Spans[0].Details.Attributes["key"] != want ||
		v.Spans[0].Details.Attributes["k-"+want] != "v" || v.Spans[0].Details.Resource["host"] != want || v.Spans[0].Events[0].Name != want ||
		!strings.HasPrefix(v.Spans[0].Details.Scope, want) {
		t.Errorf("%+v", v.Spans)
	}
	l := line("t", "s", mark, 9, 1, str(mark, mark))
	r = newRequest("POST", "/inspect/v1/logs", bytes.ReplaceAll(encode(t, logs("shop", l)), []byte(mark), []byte(bad+"~~~~~")))
	r.Header.Set("Content-Type", "application/x-protobuf")
	if w := do(insp, r); w.Code != 200 {
		t.Fatal(w.Code)
	}
	if v := get[view](t, insp, "requests/r"); len(v.Logs) != 1 || v.Logs[0].Body != want || v.Logs[0].Attributes[want] != want {
		t.Errorf("%+v", v.Logs)
	}
}

// An error's body is a google.rpc.Status in the encoding of the request.
func TestOTLPErrorsAreStatusMessages(t *testing.T) {
	t.Parallel()
	insp := inspect.New(inspect.WithoutToken())
	defer insp.Close()
	r := newRequest("POST", "/inspect/v1/traces", []byte("nonsense"))
	r.Header.Set("Content-Type", "application/x-protobuf")
	w := do(insp, r)
	fields := parseFields(t, w.Body.Bytes())
	if got := w.Header().Get("Content-Type"); got != "application/x-protobuf" || fields[1] != uint64(3) || !strings.Contains(fields[2].(string), "cannot be decoded") {
		t.Errorf("%s %v", got, fields)
	}
	r = newRequest("POST", "/inspect/v1/traces", []byte("{"))
	r.Header.Set("Content-Type", "application/json")
	if w = do(insp, r); !strings.Contains(w.Body.String(), `"code":3`) || w.Header().Get("Content-Type") != "application/json" {
		t.Errorf("%s", w.Body)
	}
}

// parseFields reads one level of a protobuf message: numbers as uint64, the rest as string.
func parseFields(t testing.TB, b []byte) map[protowire.Number]any {
	t.Helper()
	out := map[protowire.Number]any{}
	for len(b) > 0 {
		num, typ, n := protowire.ConsumeTag(b)
		if n < 0 {
			t.Fatalf("not protobuf: %q", b)
		}
		b = b[n:]
		if typ == protowire.VarintType {
			out[num], n = protowire.ConsumeVarint(b)
		} else {
			var s []byte
			s, n = protowire.ConsumeBytes(b)
			out[num] = string(s)
		}
		if n < 0 {
			t.Fatalf("not protobuf: %q", b)
		}
		b = b[n:]
	}
	return out
}

func TestSpansWithoutIDsAreAPartialSuccess(t *testing.T) {
	t.Parallel()
	insp := inspect.New(inspect.WithoutToken())
	defer insp.Close()
	short, zero := span("t", "short"), span("t", "zero")
	short.TraceId, zero.SpanId = []byte("short"), make([]byte, 8)
	body := encode(t, traces("shop", short, request("t", "ok", "r", "GET", "/", 200), zero))
	r := newRequest("POST", "/inspect/v1/traces", body)
	r.Header.Set("Content-Type", "application/x-protobuf")
	w := do(insp, r)
	partial := parseFields(t, []byte(parseFields(t, w.Body.Bytes())[1].(string)))
	if w.Code != 200 || partial[1] != uint64(2) || partial[2] == "" {
		t.Errorf("%d %v, want 200 and two rejected spans", w.Code, partial)
	}
	list := get[listing](t, insp, "requests")
	if len(list.Requests) != 1 || list.Stats.Rejected != 2 || list.Stats.Spans != 1 {
		t.Errorf("%+v", list)
	}

	r = newRequest("POST", "/inspect/v1/traces", []byte(`{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"no ids"}]}]}]}`))
	r.Header.Set("Content-Type", "application/json")
	if w := do(insp, r); !strings.Contains(w.Body.String(), `"rejectedSpans":"1"`) {
		t.Errorf("JSON: %s", w.Body)
	}
}

// The document is the one the OTLP specification's repository gives as an example, in its shape: hex
// ids, 64-bit integers as strings, enums as numbers, and a field that is not known.
func TestOTLPJSON(t *testing.T) {
	t.Parallel()
	insp := inspect.New(inspect.WithoutToken())
	defer insp.Close()
	send := func(path, body string) {
		r := newRequest("POST", "/inspect/v1/"+path, []byte(body))
		r.Header.Set("Content-Type", "application/json")
		if w := do(insp, r); w.Code != 200 || w.Body.String() != "{}" {
			t.Fatalf("%s: %d %s", path, w.Code, w.Body)
		}
	}
	send("traces", `{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"my.service"}}]},
		"scopeSpans":[{"scope":{"name":"my.library","version":"1.0.0"},"spans":[{"traceId":"5B8EFFF798038103D269B633813FC60C",
		"spanId":"EEE19B7EC3C1B174","parentSpanId":"eee19b7ec3c1b173","name":"I'm a server span","startTimeUnixNano":"1544712660000000000",
		"endTimeUnixNano":1544712661000000000,"kind":2,"someFutureField":{"traceId":"AA"},"attributes":[{"key":"my.span.attr","value":{"stringValue":"some value"}},
		{"key":"n","value":{"intValue":"9007199254740993"}},{"key":"list","value":{"arrayValue":{"values":[{"intValue":1},{"boolValue":true}]}}},
		{"key":"traceId","value":{"stringValue":"not an id"}},{"key":"raw","value":{"bytesValue":"aGk="}}],"status":{"code":2,"message":"broken"},
		"links":[{"traceId":"5B8EFFF798038103D269B633813FC60D","spanId":"EEE19B7EC3C1B175"}]}]}]}]}`)
	send("logs", `{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"timeUnixNano":"1544712660300000000","severityNumber":10,"severityText":"Information",
		"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174","body":{"kvlistValue":{"values":[{"key":"said","value":{"doubleValue":1.5}}]}}}]}]}]}`)

	v := get[view](t, insp, "requests/5b8efff798038103d269b633813fc60c")
	if len(v.Spans) != 1 || len(v.Logs) != 1 {
		t.Fatalf("%+v", v)
	}
	s := v.Spans[0]
	if s.SpanID != "eee19b7ec3c1b174" || s.ParentID != "eee19b7ec3c1b173" || s.Via != "orphan" || s.Kind != "server" ||
		s.DurationMS != 1000 || !s.Failed || s.Details.Status != "broken" || s.Details.Scope != "my.library 1.0.0" || s.Service != "my.service" {
		t.Errorf("span %+v", s)
	}
	want := map[string]any{"my.span.attr": "some value", "n": "9007199254740993", "list": []any{1.0, true}, "traceId": "not an id", "raw": "aGk="}
	if !equalJSON(s.Details.Attributes, want) {
		t.Errorf("attributes %v", s.Details.Attributes)
	}
	if l := v.Logs[0]; l.OffsetMS != 300 || l.Severity != "Information" || l.Level != 10 || l.Body != `{"said":1.5}` || l.SpanID != s.SpanID {
		t.Errorf("line %+v", l)
	}
	if len(v.Causes) != 1 || v.Causes[0] != "5b8efff798038103d269b633813fc60d" {
		t.Errorf("causes %v", v.Causes)
	}
}

func TestAnExportSentTwiceIsShownOnce(t *testing.T) {
	t.Parallel()
	insp := inspect.New(inspect.WithoutToken())
	defer insp.Close()
	for range 2 { // as an exporter does whose answer got lost
		sendSpans(t, insp, "shop", request("t", "s", "r", "GET", "/", 200), span("t", "c", child("s")))
	}
	if v := get[view](t, insp, "requests/r"); len(v.Spans) != 2 || v.Request.Spans != 2 {
		t.Errorf("%d spans, row %+v", len(v.Spans), v.Request)
	}
}

func FuzzOTLP(f *testing.F) {
	f.Add(encode(f, traces("shop", request("t", "s", "r", "GET", "/", 200, linkTo("u", "x")))), false, false)
	f.Add(encode(f, logs("shop", line("t", "s", "hello", 9, 1, str("request_id", "r")))), false, true)
	f.Add([]byte(`{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"`+hex.EncodeToString(tid("t"))+`","spanId":"`+hex.EncodeToString(sid("s"))+`"}]}]}]}`), true, false)
	insp := inspect.New(inspect.WithoutToken(), inspect.WithMaxBytes(1<<20))
	f.Cleanup(func() { insp.Close() })
	f.Fuzz(func(t *testing.T, body []byte, asJSON, asLogs bool) {
		path, kind := "traces", "application/x-protobuf"
		if asLogs {
			path = "logs"
		}
		if asJSON {
			kind = "application/json"
		}
		r := newRequest("POST", "/inspect/v1/"+path, body)
		r.Header.Set("Content-Type", kind)
		if w := do(insp, r); w.Code != http.StatusOK && w.Code != http.StatusBadRequest {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
		for _, row := range get[listing](t, insp, "requests?limit=3").Requests {
			get[view](t, insp, "requests/"+escape(row.ID))
		}
	})
}
