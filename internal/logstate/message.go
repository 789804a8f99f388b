// SPDX-License-Identifier: Apache-2.0

package logstate

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode/utf16"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/asynclocal/asynclocal/internal/text"
	"github.com/asynclocal/asynclocal/internal/value"
)

// maxMessage is the most bytes that Export returns and that Import reads.
const maxMessage = 4096

// message is the part that travels to a job.
type message struct {
	Level  *zapcore.Level `json:"level,omitempty"`
	Fields []messageField `json:"fields,omitempty"`
}

type messageField struct {
	Key   string          `json:"k"`
	Value json.RawMessage `json:"v"`
}

// Export returns what the jobs of the request that ctx carries, else of the calling goroutine's,
// need to log as it does: its level and the fields of AddToJobs, as one line of JSON in ASCII. It
// returns "" if there is nothing, and leaves out the fields that do not fit into 4096 bytes. Send
// it in a header of the job's message, and give it to Import within the job's own request.
func Export(ctx context.Context) string {
	r, _ := Request(ctx)
	s := Peek(r)
	if s == nil {
		return ""
	}
	var m message
	if l, ok := s.Level(); ok {
		l = min(max(l, zapcore.DebugLevel), zapcore.FatalLevel) // only those have names
		m.Level = &l
	}
	s.mu.Lock()
	keys := slices.Clone(s.toJobs)
	s.mu.Unlock()
	fields := s.Fields()
	for _, key := range keys {
		if at := indexKey(fields, key); at >= 0 {
			m.take(&fields[at])
		}
	}
	if m.Level == nil && m.Fields == nil {
		return ""
	}
	return m.text()
}

// take adds f, unless that would be too long, or f is not JSON.
func (m *message) take(f *zap.Field) {
	field := *f
	encoded, err := text.Call(value.Asked(f), func() []byte {
		enc := zapcore.NewMapObjectEncoder()
		field.AddTo(enc)
		var b bytes.Buffer
		if value.WriteJSON(&b, enc.Fields[field.Key]) != nil {
			return nil
		}
		return b.Bytes()
	})
	if err != nil || encoded == nil {
		return
	}
	m.Fields = append(m.Fields, messageField{f.Key, encoded})
	if len(m.text()) > maxMessage {
		m.Fields = m.Fields[:len(m.Fields)-1]
	}
}

func (m *message) text() string {
	text, err := json.Marshal(m)
	if err != nil {
		return ""
	}
	return ascii(text)
}

// ascii escapes what headers cannot carry. In JSON such characters occur only in strings.
func ascii(text []byte) string {
	var out []byte
	for _, r := range string(text) {
		switch {
		case r < 0x7f:
			out = append(out, byte(r))
		case r <= 0xffff:
			out = fmt.Appendf(out, `\u%04x`, r)
		default:
			high, low := utf16.EncodeRune(r)
			out = fmt.Appendf(out, `\u%04x\u%04x`, high, low)
		}
	}
	return string(out)
}

// Import gives the request that ctx carries, else the calling goroutine's, what Export has returned
// elsewhere. Input that is too long or not from Export is ignored as a whole. The writer of a
// message can make its job log more: do not use it on untrusted messages.
func Import(ctx context.Context, exported string) {
	r, ok := Request(ctx)
	if !ok || exported == "" || len(exported) > maxMessage {
		return
	}
	var m message
	dec := json.NewDecoder(strings.NewReader(exported))
	dec.DisallowUnknownFields()
	if dec.Decode(&m) != nil || dec.More() {
		return
	}
	fields := make([]zap.Field, 0, len(m.Fields))
	for _, f := range m.Fields {
		if field := f.field(); f.Key != "" && field.Type != zapcore.SkipType {
			fields = append(fields, field)
		}
	}
	s := Of(r)
	if len(fields) > 0 {
		s.AddToJobs(fields)
	}
	if m.Level != nil {
		s.SetLevel(*m.Level)
	}
}

func (f *messageField) field() zap.Field {
	dec := json.NewDecoder(bytes.NewReader(f.Value))
	dec.UseNumber()
	var v any
	if dec.Decode(&v) != nil {
		return zap.Skip()
	}
	switch v := v.(type) {
	case string:
		return zap.String(f.Key, v)
	case bool:
		return zap.Bool(f.Key, v)
	case json.Number:
		if i, err := v.Int64(); err == nil {
			return zap.Int64(f.Key, i)
		}
	}
	return zap.Reflect(f.Key, f.Value)
}
