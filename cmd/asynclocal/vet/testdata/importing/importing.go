// SPDX-License-Identifier: Apache-2.0

// Package importing makes the clients of package httpclient ones of this module.
package importing

import _ "example.com/programs/httpclient"
