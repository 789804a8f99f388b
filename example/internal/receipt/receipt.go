// SPDX-License-Identifier: Apache-2.0

// Package receipt writes the customer a receipt, in a background job.
package receipt

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
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

// Outbox is a directory that stands for a mail server.
type Outbox struct{ dir string }

// NewOutbox returns an Outbox in dir, which it makes.
func NewOutbox(dir string) (*Outbox, error) {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, fmt.Errorf("receipts: %w", err)
	}
	return &Outbox{dir}, nil
}

var orderID = regexp.MustCompile(`^[A-Z0-9]{1,64}$`)

// ErrInvalid is data that no receipt can be written from, however often one tries.
var ErrInvalid = errors.New("invalid receipt data")

// Send writes the receipt. Doing it twice leaves one: the file's name is the
// order, and it appears whole or not at all.
func (o *Outbox) Send(d Data) error {
	if !orderID.MatchString(d.Order) {
		return fmt.Errorf("%w: order %q", ErrInvalid, d.Order)
	}
	temp, err := os.CreateTemp(o.dir, ".receipt-*")
	if err != nil {
		return fmt.Errorf("write receipt: %w", err)
	}
	defer func() { _ = os.Remove(temp.Name()) }() // gone already if all went well
	_, err = fmt.Fprintf(temp, "Order %s\n%d x %s\nTotal EUR %d.%02d\nThank you!\n",
		d.Order, d.Quantity, d.Item, d.Total/100, d.Total%100)
	if err = errors.Join(err, temp.Close()); err != nil {
		return fmt.Errorf("write receipt: %w", err)
	}
	if err := os.Rename(temp.Name(), filepath.Join(o.dir, d.Order+".txt")); err != nil {
		return fmt.Errorf("write receipt: %w", err)
	}
	zap.L().Info("receipt sent", zap.String("order", d.Order), zap.Int64("total_cents", d.Total))
	return nil
}
