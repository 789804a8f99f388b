// SPDX-License-Identifier: Apache-2.0

// Package repo holds the tests about this repository as a whole: which packages may import which,
// that the code in README and docs is compiled, that unsafe stays in one package, and that nil is
// handled in one way. They ask the go command, and read the files of the checkout.
package repo
