// SPDX-License-Identifier: Apache-2.0

// Package receipt writes the customer a receipt, in a background job.
package receipt

import (
	"errors"
	"fmt"
	"regexp"

	"go.uber.org/zap"
)

// Job is the name of the job.
const Job = "send-receipt"

// Data is what the job needs to know.
type Data struct {
	Order    string `json:"order"`
	Item     string `json:"item"`
	Quantity int64  `json:"quantity"`
	Total    int64  `json:"total_cents"`
}

var orderID = regexp.MustCompile(`^[A-Z0-9]{1,64}$`)

// ErrInvalid means that no receipt can be written from the data, however often one
// tries.
var ErrInvalid = errors.New("invalid receipt data")

// A Post takes receipts to customers: a *Directory or a *Mail.
type Post interface {
	// deliver may be called again with the same order.
	deliver(order, text string) error
}

// Send writes the receipt and has it delivered.
func Send(post Post, d Data) error {
	if !orderID.MatchString(d.Order) {
		return fmt.Errorf("%w: order %q", ErrInvalid, d.Order)
	}
	text := fmt.Sprintf("Order %s\n%d x %s\nTotal EUR %d.%02d\nThank you!\n",
		d.Order, d.Quantity, d.Item, d.Total/100, d.Total%100)
	if err := post.deliver(d.Order, text); err != nil {
		return fmt.Errorf("send receipt: %w", err)
	}
	zap.L().Info("receipt sent", zap.String("order", d.Order), zap.Int64("total_cents", d.Total))
	return nil
}
