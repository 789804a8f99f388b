// SPDX-License-Identifier: Apache-2.0

// Package payments has the payments service, and the client with which the shop
// calls it.
package payments

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"go.uber.org/zap"

	"github.com/asynclocal/asynclocal/store"
)

// The outcomes of a payment that is not made.
var (
	ErrDeclined    = errors.New("payment declined")
	ErrUnavailable = errors.New("payments are not available at the moment")
)

// Client calls the payments service. It is safe for concurrent use.
type Client struct {
	http *http.Client
	base string
}

// NewClient returns a Client for the service at base.
func NewClient(base string, transport http.RoundTripper) *Client {
	return &Client{&http.Client{Transport: transport}, base}
}

// Payment is a payment as the service stores it.
type Payment struct {
	Order  string `json:"order"`
	Amount int64  `json:"amount_cents"`
	Status string `json:"status"`
}

// Charge takes amount for order. A second charge does not take it again.
func (c *Client) Charge(ctx context.Context, order string, amount int64) error {
	p, err := c.put(ctx, Payment{Order: order, Amount: amount, Status: Paid})
	if err != nil {
		return err
	}
	if p.Status != Paid {
		return ErrDeclined
	}
	zap.L().Info("payment accepted", zap.String("order", order), zap.Int64("amount_cents", amount))
	return nil
}

// Cancel makes sure that order is not charged from now on, and reports whether it
// was charged before.
func (c *Client) Cancel(ctx context.Context, order string) (paid bool, err error) {
	p, err := c.put(ctx, Payment{Order: order, Status: Cancelled})
	return p.Status == Paid, err
}

// put asks for a payment to be in a state, and returns the payment in its actual
// state.
func (c *Client) put(ctx context.Context, want Payment) (Payment, error) {
	body, err := json.Marshal(want)
	if err != nil {
		return Payment{}, fmt.Errorf("payments: %w", err)
	}
	target := c.base + "/payments/" + url.PathEscape(want.Order)
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, target, bytes.NewReader(body))
	if err != nil {
		return Payment{}, fmt.Errorf("payments: %w", err)
	}
	zap.L().Debug("asking payments", zap.String("order", want.Order), zap.String("for", want.Status))
	req.Header.Set("Content-Type", "application/json")
	if r, ok := store.CurrentFrom(ctx); ok {
		req.Header.Set("X-Request-Id", r.ID())
	}
	res, err := c.http.Do(req)
	if err != nil {
		return Payment{}, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	defer func() { _ = res.Body.Close() }()
	var have Payment
	switch res.StatusCode {
	case http.StatusOK:
		err = json.NewDecoder(res.Body).Decode(&have)
	case http.StatusPaymentRequired:
		err = ErrDeclined
	default:
		err = fmt.Errorf("%w: the service answered %s", ErrUnavailable, res.Status)
	}
	return have, err
}
