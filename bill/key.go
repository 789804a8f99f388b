// SPDX-License-Identifier: Apache-2.0

package bill

import (
	"go.opentelemetry.io/otel/attribute"

	"github.com/asynclocal/asynclocal/internal/ledger"
)

// The names of the sums, as fields of the completion line and as attributes of the request's own
// span. Times are in milliseconds. A sum that is 0 is not there.
//
// The conventions have no names for sums of a request. The value of ErrorsKey is a list, such as
// "2 × timeout", so that what a type is called never makes another field.
const (
	StatementsKey    = attribute.Key(ledger.StatementsKey)
	StatementTimeKey = attribute.Key(ledger.StatementTimeKey)
	CallsKey         = attribute.Key(ledger.CallsKey)
	CallTimeKey      = attribute.Key(ledger.CallTimeKey)
	MessagesKey      = attribute.Key(ledger.MessagesKey)
	MessageTimeKey   = attribute.Key(ledger.MessageTimeKey)
	WaitTimeKey      = attribute.Key(ledger.WaitTimeKey)
	GoroutinesKey    = attribute.Key(ledger.GoroutinesKey)
	GoroutineTimeKey = attribute.Key(ledger.GoroutineTimeKey)
	BytesSentKey     = attribute.Key(ledger.BytesSentKey)
	BytesReceivedKey = attribute.Key(ledger.BytesReceivedKey)
	ErrorsKey        = attribute.Key(ledger.ErrorsKey)
	// RepeatedKey is a list of at most 5: on the line of objects with statement or call, count and
	// ms; on the span of texts. The span has an event for each, named [EventName], with the shape as db.query.text or
	// url.template.
	RepeatedKey = attribute.Key(ledger.RepeatedKey)
)

// EventName is that of a repetition's event.
const EventName = ledger.EventName
