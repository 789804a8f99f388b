// SPDX-License-Identifier: Apache-2.0

package redact

// Option sets what to redact, or what may be shown.
type Option interface{ apply(*Redactor) }

type optionFunc func(*Redactor)

func (f optionFunc) apply(r *Redactor) { f(r) }

// WithKeys shows REDACTED for the values of fields with these keys, compared without regard to
// case: on lines, of With and of Add, and inside objects, arrays and reflected values, however
// deep. A value that cannot be inspected, because it is too deep or too large, or has a MarshalJSON
// that fails, panics or does not return, is REDACTED as a whole. Text that a value prints itself,
// by String, Error or MarshalText, is not inspected. Given twice, the lists add up. By default no
// key is redacted; for your own types, [Secret] is the better tool.
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

// WithAllowed names the headers and query parameters that may be shown, compared without regard to
// case. All others are hidden in a value that is a map of strings to lists of strings (http.Header,
// url.Values, a message's headers) or a *url.URL, on its own or inside another value. Given twice,
// the lists add up. By default no header and no parameter is shown.
func WithAllowed(names ...string) Option {
	return optionFunc(func(r *Redactor) { r.allowed = append(r.allowed, names...) })
}
