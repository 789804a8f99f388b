// SPDX-License-Identifier: Apache-2.0

package api

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"
)

// routes lists the routes, for a person who opens the address.
const routes = `The shop.

POST /orders        {"item":"book","quantity":2} orders; book, lamp and vase are sold
                    26 books are over what one may pay at once: 402
                    5 vases are more than there are: 409
GET  /orders/{id}   an order
POST /reports       has a report written, by a job
GET  /reports/{id}  a report, when it is there
GET  /healthz       whether the database and the broker are there
GET  /inspect/      the requests, with their logs, spans and jobs

curl -i http://HOST/orders -H 'Content-Type: application/json' -d '{"item":"book","quantity":2}'
`

func index(c echo.Context) error {
	return c.String(http.StatusOK, strings.ReplaceAll(routes, "HOST", c.Request().Host))
}
