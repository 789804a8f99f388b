// SPDX-License-Identifier: Apache-2.0

package value

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"

	"github.com/asynclocal/asynclocal/internal/text"
)

// JSON is a value that was turned into JSON. It is a struct rather than a json.RawMessage, which
// encoders other than JSON's show as numbers.
type JSON struct{ text string }

// NewJSON returns text, which must be JSON, as a value.
func NewJSON(text string) JSON { return JSON{text} }

// MarshalJSON returns the JSON.
func (v JSON) MarshalJSON() ([]byte, error) { return []byte(v.text), nil }

// String returns the JSON.
func (v JSON) String() string { return v.text }

// Printed is a value as a JSON handler and as a text handler would show it.
type Printed struct {
	JSON
	printed []byte
}

// NewPrinted returns a value that shows as json or as printed.
func NewPrinted(json JSON, printed string) Printed { return Printed{json, []byte(printed)} }

// MarshalText returns the text.
func (v Printed) MarshalText() ([]byte, error) { return v.printed, nil }

// String returns the text.
func (v Printed) String() string { return string(v.printed) }

// Encode returns v as JSON. It returns an error for a value that is too deep or too large, or whose
// methods panic or block.
func Encode(v any) (JSON, error) {
	if !text.Encodable(v) {
		return JSON{}, ErrLarge
	}
	type result struct {
		text string
		err  error
	}
	r, err := text.Call(v, func() result {
		var b bytes.Buffer
		enc := json.NewEncoder(&b)
		enc.SetEscapeHTML(false)
		err := enc.Encode(v)
		return result{string(bytes.TrimSpace(b.Bytes())), err}
	})
	if err != nil {
		return JSON{}, err
	}
	return JSON{r.text}, r.err
}

// IsPrintedByFmt reports whether values of type t have a method for package fmt.
func IsPrintedByFmt(t reflect.Type) bool {
	return t.Implements(stringerType) || t.Implements(formatterType) || t.Implements(errorType)
}

// PrintedText returns what package fmt prints for v, which must have a method for it.
func PrintedText(v any) string {
	s, err := text.Call(v, func() string { return fmt.Sprintf("%+v", v) })
	if err != nil {
		return text.Redacted
	}
	return s
}

// WriteJSON writes v as JSON, without escaping for HTML, on one line.
func WriteJSON(out *bytes.Buffer, v any) error {
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return err
	}
	out.Truncate(out.Len() - 1) // the newline that Encode adds
	return nil
}
