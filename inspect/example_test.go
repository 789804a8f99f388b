// SPDX-License-Identifier: Apache-2.0

package inspect_test

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"

	"github.com/asynclocal/asynclocal/inspect"
)

// sendOrderJSON stands for an exporter: any program, in any language.
func sendOrderJSON(url, token string) {
	const body = `{"resourceSpans": [{
		"resource": {"attributes": [{"key": "service.name", "value": {"stringValue": "shop"}}]},
		"scopeSpans": [{"spans": [{
			"traceId": "4bf92f3577b34da6a3ce929d0e0e4736", "spanId": "00f067aa0ba902b7", "kind": 2, "name": "POST /orders",
			"startTimeUnixNano": "1767225600000000000", "endTimeUnixNano": "1767225600046200000",
			"attributes": [
				{"key": "request.id", "value": {"stringValue": "order-7"}},
				{"key": "http.request.method", "value": {"stringValue": "POST"}},
				{"key": "http.route", "value": {"stringValue": "/orders"}},
				{"key": "http.response.status_code", "value": {"intValue": 201}}]}]}]}]}`
	_ = send(http.MethodPost, url+"/v1/traces", token, body).Body.Close()
}

func send(method, url, token, body string) *http.Response {
	r, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		panic(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+token)
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		panic(err)
	}
	return res
}

func ExampleNew() {
	insp := inspect.New()
	defer insp.Close()

	mux := http.NewServeMux()
	mux.Handle("/inspect/", insp) // the page is there; exporters send to /inspect/v1/traces and /inspect/v1/logs

	fmt.Fprintln(os.Stderr, "See the requests at", insp.Link("http://127.0.0.1:8080"))
	server := httptest.NewServer(mux)
	defer server.Close()

	sendOrderJSON(server.URL+"/inspect", insp.Token())

	res := send(http.MethodGet, server.URL+"/inspect/api/requests/order-7", insp.Token(), "")
	defer res.Body.Close()
	var found struct {
		Request struct {
			Name       string  `json:"name"`
			Status     int     `json:"status"`
			DurationMS float64 `json:"duration_ms"`
		} `json:"request"`
	}
	if err := json.NewDecoder(res.Body).Decode(&found); err != nil {
		panic(err)
	}
	fmt.Println(found.Request.Name, found.Request.Status, found.Request.DurationMS, "ms")
	// Output: POST /orders 201 46.2 ms
}

func ExampleWithoutToken() {
	// A listener of its own on a loopback address, at the port where exporters send by default.
	insp := inspect.New(inspect.WithoutToken(), inspect.WithPath(""))
	defer insp.Close()
	l, err := net.Listen("tcp", "127.0.0.1:0") // 127.0.0.1:4318
	if err != nil {
		panic(err)
	}
	server := &http.Server{Handler: insp}
	go func() { _ = server.Serve(l) }()
	defer server.Close()

	sendOrderJSON("http://"+l.Addr().String(), "")

	res := send(http.MethodGet, "http://"+l.Addr().String()+"/api/stats", "", "")
	defer res.Body.Close()
	fmt.Println(res.Status)
	// Output: 200 OK
}

func ExampleWithToken() {
	insp := inspect.New(inspect.WithToken("at least sixteen characters"))
	defer insp.Close()
	server := httptest.NewServer(insp)
	defer server.Close()

	r, err := http.NewRequest(http.MethodGet, server.URL+"/inspect/api/requests", nil)
	if err != nil {
		panic(err)
	}
	for _, token := range []string{"", "at least sixteen characters"} {
		r.Header.Set("Authorization", "Bearer "+token)
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			panic(err)
		}
		_ = res.Body.Close()
		fmt.Println(res.Status)
	}
	// Output:
	// 401 Unauthorized
	// 200 OK
}
