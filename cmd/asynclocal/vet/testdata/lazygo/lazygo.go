// SPDX-License-Identifier: Apache-2.0

// Package lazygo is what the check lazygo is tested with.
package lazygo

import (
	"log/slog"
	"sync"
	"time"

	"github.com/asynclocal/asynclocal/store"
)

type cache struct {
	once sync.Once
	keys chan string
}

func (c *cache) refresh() {
	for range time.Tick(time.Minute) {
		slog.Info("refreshing")
	}
}

func (c *cache) get(key string) {
	c.once.Do(func() {
		go c.refresh() // want `a goroutine that \(\*sync.Once\).Do starts inherits the request that comes first, and logs with slog.Info: start it in store.Exit \(lazygo\)`
	})
	c.once.Do(c.begin)
}

func (c *cache) begin() {
	go func() { // want `a goroutine that \(\*sync.Once\).Do starts`
		for key := range c.keys {
			slog.Info("evicting", "key", key)
		}
	}()
}

var tick = sync.OnceFunc(func() {
	go new(cache).refresh() // want `a goroutine that sync.OnceFunc starts`
})

var shared *cache

func get() *cache {
	if shared == nil {
		shared = &cache{}
		go shared.refresh() // want `the check that a package variable is set starts`
	}
	return shared
}

// The corrected twin.
func (c *cache) cured() {
	c.once.Do(func() {
		store.Exit(func() { go c.refresh() })
	})
}

// A goroutine that comes to an end is the request's own, one of the program's start has no request to
// inherit, and one that asks for nothing loses nothing.
func (c *cache) quiet() {
	c.once.Do(func() {
		go slog.Info("once")
		go func() {
			for range time.Tick(time.Minute) {
				c.keys <- ""
			}
		}()
	})
}

func (c *cache) Start() {
	c.once.Do(func() { go c.refresh() })
}

var early = begun()

func begun() *cache {
	c := &cache{}
	go c.refresh()
	return c
}
