// SPDX-License-Identifier: Apache-2.0

package value

import (
	"bytes"
	"encoding"
	"encoding/json"

	"github.com/asynclocal/asynclocal/internal/text"
)

// Struct is a struct that is not shown completely, as JSON and as text.
type Struct struct {
	members []Member
	text    string // the text it prints itself; "": the JSON
}

// Member is one field of a Struct.
type Member struct {
	Key   string
	Value any
}

// NewStruct returns a Struct that prints as text or, if that is "", as its JSON.
func NewStruct(members []Member, text string) Struct { return Struct{members, text} }

// PrintedAs returns o, to be printed as text.
func (o Struct) PrintedAs(text string) Struct {
	o.text = text
	return o
}

var (
	_ json.Marshaler         = Struct{}
	_ encoding.TextMarshaler = Struct{}
)

// MarshalJSON returns an object with the members, in their order.
func (o Struct) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, m := range o.members {
		if i > 0 {
			b.WriteByte(',')
		}
		if err := WriteJSON(&b, m.Key); err != nil {
			return nil, err
		}
		b.WriteByte(':')
		if err := WriteJSON(&b, m.Value); err != nil {
			return nil, err
		}
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// MarshalText returns what o prints.
func (o Struct) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

// String returns what o prints.
func (o Struct) String() string {
	if o.text != "" {
		return o.text
	}
	j, err := o.MarshalJSON()
	if err != nil {
		return text.Redacted
	}
	return string(j)
}
