// SPDX-License-Identifier: Apache-2.0

package receipt

import (
	"fmt"
	"net"
	"net/smtp"
	"strings"
	"time"
)

// Mail is a Post that mails receipts through an SMTP server, all to one address.
type Mail struct{ server, to string }

// NewMail returns a Mail that uses the server at an address host:port.
func NewMail(server, to string) *Mail { return &Mail{server, to} }

const (
	from        = "shop@localhost"
	mailTimeout = 20 * time.Second
)

// deliver sends a mail. If it is sent twice, both mails have one Message-ID, by
// which mail programs recognize the second.
func (m *Mail) deliver(order, text string) (err error) {
	conn, err := net.DialTimeout("tcp", m.server, mailTimeout)
	if err != nil {
		return err
	}
	if err := conn.SetDeadline(time.Now().Add(mailTimeout)); err != nil {
		return err
	}
	host, _, _ := net.SplitHostPort(m.server)
	client, err := smtp.NewClient(conn, host)
	if err != nil {
		_ = conn.Close()
		return err
	}
	defer func() { _ = client.Close() }()
	if err := client.Mail(from); err != nil {
		return err
	}
	if err := client.Rcpt(m.to); err != nil {
		return err
	}
	w, err := client.Data()
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "From: %s\r\nTo: %s\r\nSubject: Your order %s\r\nMessage-ID: <%s@shop>\r\n\r\n%s",
		from, m.to, order, order, strings.ReplaceAll(text, "\n", "\r\n"))
	if err != nil {
		return err
	}
	if err := w.Close(); err != nil { // now the server has it
		return err
	}
	return client.Quit()
}
