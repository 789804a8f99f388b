// SPDX-License-Identifier: Apache-2.0

package database

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"

	"go.uber.org/zap"
)

// verify checks that SQLite's file is whole. Opening the file does not check it: a
// truncated file fails only when a request happens to read the damaged part, and an
// empty file is a new shop.
func verify(ctx context.Context, db *sql.DB, dir string) error {
	path := filepath.Join(dir, "shop.db")
	info, err := os.Stat(path)
	switch {
	case os.IsNotExist(err), err == nil && info.Size() == 0 && !there(path+"-wal"):
		if err == nil || lived(dir) {
			zap.L().Error("the database is missing: the shop begins with an empty one; if that is not meant, stop it and restore the file from a backup",
				zap.String("file", path), zap.Bool("truncated", err == nil))
		}
		return nil
	case err != nil:
		return err
	}
	var result string
	if err := db.QueryRowContext(ctx, `PRAGMA quick_check(1)`).Scan(&result); err != nil {
		if !Unavailable(err) || corrupt(err) {
			return broken(path, err.Error())
		}
		return fmt.Errorf("read %s: %w; can this user read and write it?", path, err)
	}
	if result != "ok" {
		return broken(path, result)
	}
	return nil
}

func broken(path, why string) error {
	return fmt.Errorf("the database file %s is damaged, or was truncated: %s; restore it from a backup, or move it away to begin anew", path, why)
}

// lived reports whether a shop has used dir before.
func lived(dir string) bool {
	return there(filepath.Join(dir, "nats", "jetstream"))
}

func there(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
