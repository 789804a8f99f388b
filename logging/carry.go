// SPDX-License-Identifier: Apache-2.0

package logging

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
	"github.com/asynclocal/asynclocal/logging/internal/value"
)

// maxCarried is how many bytes Export returns at most, and Import reads.
const maxCarried = 4096

// AddToJobs is AddTo for fields that are on the lines of the request's jobs too:
// of those it enqueues from now on, and of the jobs that those enqueue. They leave
// the process in a message's headers: do not add what the broker must not see.
func AddToJobs(ctx context.Context, fields ...zap.Field) {
	r, ok := requestIn(ctx)
	if !ok || len(fields) == 0 {
		return
	}
	s := stories.Of(r)
	read := value.Freeze(nil, fields, early, true)
	for i := range read {
		value.AsJSON(&read[i])
	}
	s.add(read)
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range read {
		if key := read[i].Key; !slices.Contains(s.carried, key) && len(s.carried) < maxAdded {
			s.carried = append(s.carried, key)
		}
	}
}

// carriage is what goes to a job.
type carriage struct {
	Level  *zapcore.Level `json:"level,omitempty"`
	Fields []carriedField `json:"fields,omitempty"`
}

type carriedField struct {
	Key   string          `json:"k"`
	Value json.RawMessage `json:"v"`
}

// Export returns what the jobs of the request that ctx carries, else the calling
// goroutine's, have to know to log as it does: its level (SetLevel, WithLevel) and
// the fields of AddToJobs, as one line of JSON in ASCII. It is "" if there is nothing, and
// leaves out the fields that do not fit into 4096 bytes. Send it in a header of the
// job's message, and give it to Import within the job's own request.
func Export(ctx context.Context) string {
	r, _ := requestIn(ctx)
	s := peekStory(r)
	if s == nil {
		return ""
	}
	var c carriage
	if v := s.level.Load(); v != 0 {
		l := min(max(unpackLevel(v), zapcore.DebugLevel), zapcore.FatalLevel) // those have names
		c.Level = &l
	}
	s.mu.Lock()
	keys := slices.Clone(s.carried)
	s.mu.Unlock()
	fields := s.fields()
	for _, key := range keys {
		if at := indexKey(fields, key); at >= 0 {
			c.take(&fields[at])
		}
	}
	if c.Level == nil && c.Fields == nil {
		return ""
	}
	return c.text()
}

// take adds f, unless that would be too long, or f is not JSON.
func (c *carriage) take(f *zap.Field) {
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
	c.Fields = append(c.Fields, carriedField{f.Key, encoded})
	if len(c.text()) > maxCarried {
		c.Fields = c.Fields[:len(c.Fields)-1]
	}
}

func (c *carriage) text() string {
	text, err := json.Marshal(c)
	if err != nil {
		return ""
	}
	return ascii(text)
}

// ascii escapes what no header can carry. In JSON it can stand in strings only.
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

// Import gives the request that ctx carries, else the calling goroutine's, what
// Export has returned elsewhere. What is too long or not Export's is ignored as a
// whole. Whoever writes the message can make the job log more: do not read it from
// strangers.
func Import(ctx context.Context, exported string) {
	r, ok := requestIn(ctx)
	if !ok || exported == "" || len(exported) > maxCarried {
		return
	}
	var c carriage
	dec := json.NewDecoder(strings.NewReader(exported))
	dec.DisallowUnknownFields()
	if dec.Decode(&c) != nil || dec.More() {
		return
	}
	fields := make([]zap.Field, 0, len(c.Fields))
	for _, f := range c.Fields {
		if f.Key != "" && f.Value != nil {
			fields = append(fields, f.field())
		}
	}
	AddToJobs(ctx, fields...)
	if c.Level != nil {
		requestLevels.Store(true)
		stories.Of(r).level.Store(packLevel(*c.Level))
	}
}

func (f *carriedField) field() zap.Field {
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
