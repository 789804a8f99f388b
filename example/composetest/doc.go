// SPDX-License-Identifier: Apache-2.0

// Package composetest holds docker-compose.yml to what it promises. It is a module
// of its own so that the example does not need the compose loader.
package composetest
