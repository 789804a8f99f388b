// SPDX-License-Identifier: Apache-2.0

package bill

import (
	"go.opentelemetry.io/otel/attribute"

	"github.com/asynclocal/asynclocal/internal/billing"
)

// The names of the sums, as fields of the completion line and as attributes of the request's own
// span. Times are in milliseconds. A sum that is 0 is left out.
//
// The conventions have no names for sums of a request. The value of ErrorsKey is a list, such as
// "2 × timeout", so that the name of a type never makes another field.
const (
	StatementsKey    = attribute.Key(billing.StatementsKey)
	StatementTimeKey = attribute.Key(billing.StatementTimeKey)
	CallsKey         = attribute.Key(billing.CallsKey)
	CallTimeKey      = attribute.Key(billing.CallTimeKey)
	MessagesKey      = attribute.Key(billing.MessagesKey)
	MessageTimeKey   = attribute.Key(billing.MessageTimeKey)
	WaitTimeKey      = attribute.Key(billing.WaitTimeKey)
	GoroutinesKey    = attribute.Key(billing.GoroutinesKey)
	GoroutineTimeKey = attribute.Key(billing.GoroutineTimeKey)
	BytesSentKey     = attribute.Key(billing.BytesSentKey)
	BytesReceivedKey = attribute.Key(billing.BytesReceivedKey)
	ErrorsKey        = attribute.Key(billing.ErrorsKey)
	// RepeatedKey is a list of at most 5. On the line it is a list of objects with statement or call,
	// count and ms. On the span it is a list of texts. The span has an event for each, named
	// [EventName], with the shape as db.query.text or url.template.
	RepeatedKey = attribute.Key(billing.RepeatedKey)
)

// EventName is the name of a repetition's event.
const EventName = billing.EventName
