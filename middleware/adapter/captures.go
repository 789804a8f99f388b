// SPDX-License-Identifier: Apache-2.0

package adapter

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"go.opentelemetry.io/otel/attribute"

	"github.com/asynclocal/asynclocal/middleware/internal/httpconv"
)

// capture is a header to record, and the attribute that it becomes.
type capture struct {
	header string
	key    attribute.Key
}

func captures(prefix string, headers []string) []capture {
	list := make([]capture, len(headers))
	for i, h := range headers {
		list[i] = capture{http.CanonicalHeaderKey(h), attribute.Key(prefix + strings.ToLower(h))}
	}
	return list
}

// appendHeaders adds the captured headers that are in h to attributes.
func appendHeaders(attributes []attribute.KeyValue, list []capture, h http.Header) []attribute.KeyValue {
	for _, c := range list {
		attributes = c.append(attributes, h[c.header])
	}
	return attributes
}

// appendRequestHeaders adds the captured headers that are in r to attributes, including those that
// net/http keeps elsewhere.
func appendRequestHeaders(attributes []attribute.KeyValue, list []capture, r *http.Request) []attribute.KeyValue {
	for _, c := range list {
		values := r.Header[c.header]
		switch {
		case len(values) > 0:
		case c.header == "Host" && r.Host != "":
			values = []string{r.Host}
		case c.header == "Transfer-Encoding":
			values = r.TransferEncoding
		case c.header == "Trailer":
			values = slices.Sorted(maps.Keys(r.Trailer))
		}
		attributes = c.append(attributes, values)
	}
	return attributes
}

func (c *capture) append(attributes []attribute.KeyValue, values []string) []attribute.KeyValue {
	if len(values) == 0 {
		return attributes
	}
	kept := make([]string, min(len(values), maxHeaderValues))
	for i := range kept {
		kept[i] = httpconv.Text(values[i], httpconv.MaxHeader)
	}
	return append(attributes, c.key.StringSlice(kept))
}

// maxHeaderValues bounds how many values of one header are recorded.
const maxHeaderValues = 16
