// SPDX-License-Identifier: Apache-2.0

// Package composetest tests that docker-compose.yml does what it promises. It is a
// separate module so that the example does not need the compose loader.
package composetest
