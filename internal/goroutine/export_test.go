// SPDX-License-Identifier: Apache-2.0

package goroutine

var FromTraceback = fromTraceback
