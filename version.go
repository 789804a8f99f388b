// SPDX-License-Identifier: Apache-2.0

package asynclocal

// Version is the version of this release, without the v: that of every module of the repository, which are
// released together. The instrumentation scopes have it, those of nested modules too, which then say which root
// module they stand on. Between releases it is the one before, or the first to come. It is set by make release.
const Version = "0.1.0"
