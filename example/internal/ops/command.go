// SPDX-License-Identifier: Apache-2.0

package ops

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

const commandTimeout = time.Minute // replaying many takes a while

// Command carries out the flag -dead, through the process whose operations address
// is addr, and writes the answer to out.
func Command(addr, what string, out io.Writer) error {
	verb, which, _ := strings.Cut(what, "=")
	method, path := http.MethodGet, "/dead-letters"
	switch {
	case verb == "list" && which == "":
	case verb == "show" && which != "":
		path += "/" + which
	case verb == "replay" && which == "all":
		method, path = http.MethodPost, path+"/replay"
	case verb == "replay" && which != "":
		method, path = http.MethodPost, path+"/"+which+"/replay"
	case verb == "discard" && which != "":
		method, path = http.MethodDelete, path+"/"+which
	default:
		return fmt.Errorf("-dead %q: want list, show=N, replay=N, replay=all or discard=N", what)
	}
	req, err := http.NewRequest(method, "http://"+addr+path, nil)
	if err != nil {
		return fmt.Errorf("-dead %q: %w", what, err)
	}
	client := http.Client{Timeout: commandTimeout}
	res, err := client.Do(req)
	if err != nil {
		return fmt.Errorf("-ops %s: %w; does the shop run there? it says where when it starts", addr, err)
	}
	defer func() { _ = res.Body.Close() }()
	if _, err := io.Copy(out, res.Body); err != nil {
		return fmt.Errorf("-ops %s: %w", addr, err)
	}
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("-dead %s: %s", what, res.Status)
	}
	return nil
}
