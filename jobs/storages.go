// SPDX-License-Identifier: Apache-2.0

package jobs

import (
	"context"
	"slices"
	"strings"

	"github.com/asynclocal/asynclocal/store"
)

// maxStorageBytes bounds the keys and values of all storages in one message, in bytes, the same as
// for baggage. Storages that would exceed it are left out.
const maxStorageBytes = 8192

// unknown holds the storages that a job came with and that are not registered in this process. They
// belong to a process further on.
var unknown = store.New[[]header]("jobs: storages of others", nil)

type header struct{ key, value string }

// injectStorages writes the registered storages that are set, and passes on the
// unknown ones.
func injectStorages(ctx context.Context, c Carrier) {
	room := maxStorageBytes
	write := func(key, value string) {
		if size := len(key) + len(value); size <= room {
			room -= size
			c[key] = []string{value}
		}
	}
	for _, e := range registry.all() {
		b, ok := e.encode(ctx)
		if !ok {
			continue
		}
		if text := escape(b); len(text) <= e.maxBytes {
			write(e.key, text)
		}
	}
	others, _ := unknown.From(ctx)
	for _, h := range others {
		if !registry.has(h.key) {
			write(h.key, h.value)
		}
	}
}

// extractStorages returns ctx with the storages that c holds.
func extractStorages(ctx context.Context, c Carrier) context.Context {
	found := storageHeaders(c)
	if len(found) == 0 {
		return ctx
	}
	for _, e := range registry.all() {
		i := slices.IndexFunc(found, func(h header) bool { return h.key == e.key })
		if i < 0 {
			continue
		}
		if text := found[i].value; len(text) <= e.maxBytes {
			if b, ok := unescape(text); ok {
				ctx = e.decode(ctx, b)
			}
		}
		found = slices.Delete(found, i, i+1)
	}
	if len(found) > 0 {
		ctx = unknown.With(ctx, found)
	}
	return ctx
}

// storageHeaders returns c's storages, sorted by key so that the same ones are left out each time
// there are too many.
func storageHeaders(c Carrier) []header {
	var found []header
	for k := range c {
		key, ok := storageKey(k)
		if !ok {
			continue
		}
		if k != key && c[key] != nil {
			continue // the lower-case spelling counts, and has its own turn
		}
		if v, ok := value(c, key); ok {
			found = append(found, header{key, v})
		}
	}
	slices.SortFunc(found, func(a, b header) int { return strings.Compare(a.key, b.key) })
	room := maxStorageBytes
	return slices.DeleteFunc(found, func(h header) bool {
		size := len(h.key) + len(h.value)
		if size > room {
			return true
		}
		room -= size
		return false
	})
}

// storageKey returns k in lower case, and whether it is the key of a storage.
func storageKey(k string) (key string, ok bool) {
	if len(k) <= len(StoragePrefix) || len(k) > len(StoragePrefix)+maxKey ||
		!sameKey(k[:len(StoragePrefix)], StoragePrefix) {
		return "", false
	}
	key = strings.ToLower(k)
	return key, validKey(key[len(StoragePrefix):])
}

// removeStorages removes every storage from c.
func removeStorages(c Carrier) {
	for k := range c {
		if _, ok := storageKey(k); ok {
			delete(c, k)
		}
	}
}
