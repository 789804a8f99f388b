// SPDX-License-Identifier: Apache-2.0

package api

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"

	"github.com/labstack/echo/v4"
	"go.uber.org/zap"

	"github.com/asynclocal/asynclocal/example/internal/arrival"
	"github.com/asynclocal/asynclocal/example/internal/database"
	"github.com/asynclocal/asynclocal/example/internal/order"
	"github.com/asynclocal/asynclocal/example/internal/payments"
	"github.com/asynclocal/asynclocal/example/internal/report"
	"github.com/asynclocal/asynclocal/example/internal/stock"
	"github.com/asynclocal/asynclocal/store"
)

// problem is the body of every error.
type problem struct {
	Error     string `json:"error"`
	RequestID string `json:"request_id,omitempty"`
}

// statuses maps our errors to HTTP. Any other error is our fault, and its text
// is none of the customer's business.
var statuses = []struct {
	err    error
	status int
}{
	{order.ErrQuantity, http.StatusUnprocessableEntity},
	{stock.ErrUnknownItem, http.StatusUnprocessableEntity},
	{stock.ErrNotAvailable, http.StatusConflict},
	{payments.ErrDeclined, http.StatusPaymentRequired},
	{payments.ErrUnavailable, http.StatusServiceUnavailable},
	{order.ErrNotFound, http.StatusNotFound},
	{report.ErrNotFound, http.StatusNotFound},
	{arrival.ErrSlow, http.StatusRequestTimeout},
}

// HandleError is an echo.HTTPErrorHandler that answers in JSON, with the id that
// finds the request's log lines.
func HandleError(err error, c echo.Context) {
	if c.Response().Committed {
		return
	}
	status, text := explain(err)
	if status >= http.StatusInternalServerError {
		zap.L().Error("request failed", zap.Error(err))
	}
	if status == http.StatusServiceUnavailable {
		c.Response().Header().Set(echo.HeaderRetryAfter, retryAfter)
	}
	p := problem{Error: text}
	if r, ok := store.CurrentFrom(c.Request().Context()); ok {
		p.RequestID = r.ID()
	}
	if err := c.JSON(status, p); err != nil {
		zap.L().Warn("the answer was not delivered", zap.Error(err))
	}
}

// retryAfter is the number of seconds after which a service that is down may be
// up.
const retryAfter = "5"

func explain(err error) (status int, text string) {
	for _, s := range statuses {
		if errors.Is(err, s.err) {
			return s.status, s.err.Error()
		}
	}
	var he *echo.HTTPError
	if errors.As(err, &he) {
		text, ok := he.Message.(string)
		if !ok {
			text = http.StatusText(he.Code)
		}
		return he.Code, text
	}
	if database.Unavailable(err) {
		return http.StatusServiceUnavailable, "not available at the moment"
	}
	return http.StatusInternalServerError, "internal error"
}

// decode reads one JSON object, and nothing after it.
func decode(c echo.Context, into any) error {
	r := http.MaxBytesReader(c.Response(), c.Request().Body, maxBody)
	d := json.NewDecoder(r)
	d.DisallowUnknownFields()
	err := d.Decode(into)
	if err == nil && d.Decode(&struct{}{}) != io.EOF {
		err = errors.New("more than one value")
	}
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return echo.NewHTTPError(http.StatusRequestEntityTooLarge, "body too large").SetInternal(err)
	case err != nil:
		return echo.NewHTTPError(http.StatusBadRequest, "invalid JSON: "+err.Error()).SetInternal(err)
	}
	return nil
}
