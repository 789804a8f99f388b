// SPDX-License-Identifier: Apache-2.0

package redact

import (
	"fmt"
	"log/slog"
)

// Secret is a text that prints as REDACTED everywhere: in any field of zap and slog, by package fmt
// under any verb, as JSON or other text, and inside a struct; in an unexported field, which fmt
// cannot call methods on, an address is printed. Only Reveal returns the text. The zero Secret is
// empty, and prints the same.
//
// It can be decoded from JSON and other text, so that a request's password is never a string. Apart
// from that, a Secret is immutable.
type Secret struct{ value *string } // a pointer: fmt does not follow a nested one

// NewSecret returns text as a Secret.
func NewSecret(text string) Secret { return Secret{&text} }

// Reveal returns the text.
func (s Secret) Reveal() string {
	if s.value == nil {
		return ""
	}
	return *s.value
}

// String returns REDACTED.
func (Secret) String() string { return redacted }

// Format writes REDACTED under any verb.
func (Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(redacted)) }

// LogValue returns REDACTED.
func (Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText returns REDACTED: a Secret does not survive a round trip.
func (Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// UnmarshalText sets s to text.
func (s *Secret) UnmarshalText(text []byte) error {
	*s = NewSecret(string(text))
	return nil
}
