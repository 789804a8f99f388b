// SPDX-License-Identifier: Apache-2.0

package receipt

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Directory is a Post that leaves a file for each receipt.
type Directory struct{ dir string }

// NewDirectory returns a Directory at dir, and makes the directory.
func NewDirectory(dir string) (*Directory, error) {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, fmt.Errorf("receipts: %w", err)
	}
	return &Directory{dir}, nil
}

// deliver writes a file that appears whole or not at all. The order names the file,
// so a second delivery leaves one file.
func (d *Directory) deliver(order, text string) error {
	temp, err := os.CreateTemp(d.dir, ".receipt-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(temp.Name()) }() // gone already if all went well
	_, err = temp.WriteString(text)
	if err := errors.Join(err, temp.Close()); err != nil {
		return err
	}
	return os.Rename(temp.Name(), filepath.Join(d.dir, order+".txt"))
}
