// SPDX-License-Identifier: Apache-2.0

package redact

// Option says what must not be seen, or what may.
type Option interface{ apply(*Redactor) }

type optionFunc func(*Redactor)

func (f optionFunc) apply(r *Redactor) { f(r) }

// WithKeys shows REDACTED for the values of fields with these keys, whatever their case:
// on lines, of With and of Add, and inside of objects, arrays and reflected values,
// however deep. A value that cannot be looked into, because it is too deep or too large,
// or has a MarshalJSON that fails, panics or does not return, is REDACTED as a whole. What
// a value prints for itself, by String, Error or MarshalText, is not looked into. Given
// twice, the lists add up. By default no key is redacted; [Secret] is the better tool
// where the type is yours.
func WithKeys(keys ...string) Option {
	return optionFunc(func(r *Redactor) {
		for _, k := range keys {
			if k == "" {
				panic("redact: WithKeys: a key is empty, and has to have at least 1 character")
			}
		}
		r.keys = append(r.keys, keys...)
	})
}

// WithAllowed names the headers and query parameters, whatever their case, that may be
// seen. Of a value that is a map of strings to lists of strings (http.Header, url.Values,
// a message's headers) or a *url.URL, on its own or inside of another, no others are
// shown. Given twice, the lists add up. By default no header and no parameter is.
func WithAllowed(names ...string) Option {
	return optionFunc(func(r *Redactor) { r.allowed = append(r.allowed, names...) })
}
